package io.sagaz.migrations.internal.partition;

import io.sagaz.migrations.PartitionAction;
import io.sagaz.migrations.PartitionAction.Kind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;

/** The statements by which one partition goes, each a transaction of its own that leaves something to go on from. */
final class RetirementSteps {
    /** The session is ours alone. The functions of the schema have a shorter wait of their own. */
    private static final String SESSION =
            "SET lock_timeout = '5s'; SET default_transaction_isolation = 'read committed'; SET statement_timeout = 0";

    /** Whoever comes by the table locks that first. Prepared transactions have no pid. The locks are read once. */
    private static final String USED_BY_NAME = """
            WITH held AS MATERIALIZED (
                SELECT relation, virtualtransaction FROM pg_locks
                WHERE locktype = 'relation' AND granted AND pid IS DISTINCT FROM pg_backend_pid()
                    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            )
            SELECT EXISTS (
                SELECT FROM held h WHERE h.relation = ?::regclass AND NOT EXISTS (
                    SELECT FROM held p WHERE p.relation = ?::regclass AND p.virtualtransaction = h.virtualtransaction))
            """;

    private final Connection connection;
    private final String schema;
    private final Instant at;

    /** On a connection in autocommit, in a schema, for the time by which partitions expire. */
    RetirementSteps(Connection connection, String schema, Instant at) {
        this.connection = connection;
        this.schema = schema;
        this.at = at;
    }

    void boundWaits() throws SQLException {
        execute(SESSION);
    }

    void forgetWhatCameToNothing() throws SQLException {
        execute("SELECT " + quoted(schema) + ".sagaz_forget_retirements()");
    }

    boolean isUsedByName(Partition partition) throws SQLException {
        return ask(
                USED_BY_NAME,
                qualified(partition.name()),
                qualified(partition.table().table()));
    }

    /** Only what is noted is ever dropped. */
    void note(Partition partition) throws SQLException {
        call("sagaz_retire_partition", partition.table().table(), partition.name());
    }

    /** So that what somebody else has detached meanwhile is his. */
    void forget(Partition partition) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("DELETE FROM "
                + qualified("partition_retirements") + " WHERE partition_name = ? AND archived_at IS NULL")) {
            statement.setString(1, partition.name());
            statement.execute();
        }
    }

    void detachConcurrently(Partition partition) throws SQLException {
        execute("ALTER TABLE " + qualified(partition.table().table()) + " DETACH PARTITION "
                + qualified(partition.name()) + " CONCURRENTLY");
    }

    /** Whether its detaching has begun, so that it can only go on. */
    boolean isDetaching(Partition partition) throws SQLException {
        return ask(
                "SELECT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = to_regclass(?::text) AND inhdetachpending)",
                qualified(partition.name()));
    }

    /** Ends a detaching that has begun: waits for the transactions that may still see the partition. */
    void endDetaching(Partition partition) throws SQLException {
        call("sagaz_end_detaching", partition.table().table(), partition.name());
    }

    /** Takes one that is detached, or whose detaching has begun, to its end. Empty when there is nothing to do. */
    Optional<PartitionAction> finish(Partition partition) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT action, details FROM " + quoted(schema)
                + ".sagaz_finish_retirement(?::text, ?::timestamptz)")) {
            statement.setString(1, partition.name());
            statement.setObject(2, at.atOffset(ZoneOffset.UTC));
            try (ResultSet row = statement.executeQuery()) {
                return row.next()
                        ? Optional.of(new PartitionAction(
                                Kind.valueOf(row.getString(1)),
                                partition.table().table(),
                                partition.name(),
                                row.getString(2)))
                        : Optional.empty();
            }
        }
    }

    private void call(String function, String parent, String partition) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT " + quoted(schema) + '.' + function + "(?::text, ?::text)")) {
            statement.setString(1, parent);
            statement.setString(2, partition);
            statement.execute();
        }
    }

    private boolean ask(String question, String... arguments) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(question)) {
            for (int i = 0; i < arguments.length; i++) {
                statement.setString(i + 1, arguments[i]);
            }
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private String qualified(String table) {
        return quoted(schema) + '.' + quoted(table);
    }

    /** Names of partitions that others have attached may be any. */
    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
