package io.sagaz.cli.demo;

import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.StepStatus;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Reads the tables with plain SQL and feeds them to the books. Knows nothing of the store: the books must not be kept by
 * the one who is audited.
 */
final class BooksReader {
    private static final int ROWS_AT_ONCE = 5_000;

    private static final String COUNTS = """
            SELECT 'demo_orders', count(*) FROM demo_orders
            UNION ALL SELECT 'demo_order_lines', count(*) FROM demo_order_lines
            UNION ALL SELECT 'demo_payments', count(*) FROM demo_payments
            UNION ALL SELECT 'saga_executions', count(*) FROM saga_executions
            UNION ALL SELECT 'saga_steps', count(*) FROM saga_steps
            UNION ALL SELECT 'saga_outbox', count(*) FROM saga_outbox
            UNION ALL SELECT 'sagas in ' || status, count(*) FROM saga_executions GROUP BY status
            """;

    private BooksReader() {}

    /** Something to be done with each row. */
    @FunctionalInterface
    private interface RowReader {
        void read(ResultSet row) throws SQLException;
    }

    /** Compares the database with the ledger, in a transaction of its own that sees one snapshot. */
    static Verdict check(Connection connection, List<Ledger.Line> ledger) throws SQLException {
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        connection.setAutoCommit(false);
        try {
            return checkInTransaction(connection, ledger);
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    /** Compares what the caller's transaction sees with the ledger. */
    static Verdict checkInTransaction(Connection connection, List<Ledger.Line> ledger) throws SQLException {
        Books books = new Books(ledger);
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(ROWS_AT_ONCE);
            read(
                    statement,
                    "SELECT order_no, status, saga_id FROM demo_orders",
                    row -> books.order(row.getLong(1), row.getString(2), row.getObject(3, UUID.class)));
            read(
                    statement,
                    "SELECT order_no, reserved FROM demo_order_lines",
                    row -> books.line(row.getLong(1), row.getBoolean(2)));
            read(
                    statement,
                    "SELECT order_no, kind FROM demo_payments",
                    row -> books.payment(row.getLong(1), PaymentKind.of(row.getString(2))));
            read(
                    statement,
                    "SELECT saga_id, coalesce(idempotency_key, ''), status, version FROM saga_executions",
                    row -> books.saga(
                            row.getObject(1, UUID.class),
                            row.getString(2),
                            SagaStatus.valueOf(row.getString(3)),
                            row.getLong(4)));
            read(
                    statement,
                    "SELECT saga_id, step_name, status FROM saga_steps",
                    row -> books.step(
                            row.getObject(1, UUID.class), row.getString(2), StepStatus.valueOf(row.getString(3))));
            read(
                    statement,
                    "SELECT coalesce(partition_key, ''), coalesce(event_type, '') FROM saga_outbox ORDER BY seq",
                    row -> books.event(row.getString(1), row.getString(2)));
        }
        return books.close();
    }

    /** How many rows each table has on a server, and how many sagas each status. */
    static Map<String, Long> counts(Connection connection) throws SQLException {
        Map<String, Long> counts = new TreeMap<>();
        try (Statement statement = connection.createStatement()) {
            read(statement, COUNTS, row -> counts.put(row.getString(1), row.getLong(2)));
        }
        return counts;
    }

    /** What differs between two servers, for people; empty if nothing does. */
    static List<String> differences(String name, Map<String, Long> there, Map<String, Long> primary) {
        Map<String, Long> all = new LinkedHashMap<>(primary);
        there.forEach(all::putIfAbsent);
        return all.keySet().stream()
                .filter(what -> !there.getOrDefault(what, 0L).equals(primary.getOrDefault(what, 0L)))
                .map(what -> name + " has " + there.getOrDefault(what, 0L) + " " + what + ", the primary has "
                        + primary.getOrDefault(what, 0L))
                .toList();
    }

    private static void read(Statement statement, String sql, RowReader reader) throws SQLException {
        try (ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                reader.read(rows);
            }
        }
    }
}
