package io.sagaz.storage.postgres.internal.sql;

import io.sagaz.storage.postgres.internal.jdbc.CommitInquiry;
import io.sagaz.storage.postgres.internal.jdbc.CommitMark;
import io.sagaz.storage.postgres.internal.jdbc.SqlStates;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * Asks for the status of the transaction's id, and then looks for the row that it has written.
 *
 * <p>A row that is there proves the commit. That the transaction was rolled back is proved by {@code pg_xact_status}, on the
 * same timeline: an id that is neither committed nor in progress there never will be. "Committed" alone proves nothing: after
 * a crash the id of a transaction that left nothing in the log may be another's, and the row may have been undone with a
 * savepoint.
 *
 * @see <a href="https://www.postgresql.org/docs/current/functions-info.html">pg_xact_status</a>
 */
public final class SqlCommitInquiry implements CommitInquiry {
    private static final String ABORTED = "aborted";

    private final WriteStatements statements;

    /** Asks with these statements. */
    public SqlCommitInquiry(WriteStatements statements) {
        this.statements = statements;
    }

    @Override
    public Fate ask(Connection connection, CommitMark mark) throws SQLException {
        // In this order: what is committed by now is seen by the snapshot of the second statement.
        String status = status(connection, mark);
        if (isThere(connection, mark)) {
            return Fate.COMMITTED;
        }
        return switch (status) {
            case "in progress" -> Fate.UNDER_WAY;
            case ABORTED -> Fate.ROLLED_BACK;
            default -> Fate.UNTOLD;
        };
    }

    private String status(Connection connection, CommitMark mark) throws SQLException {
        try (PreparedStatement statement = SqlSagaWrites.unnamed(connection, statements.findTransaction())) {
            new SqlArguments(statement).add(mark.timeline()).add(mark.transaction());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return String.valueOf(row.getString(1));
            }
        } catch (SQLException e) {
            if (SqlStates.of(e).equals(SqlStates.INVALID_PARAMETER)) {
                return ABORTED;
            }
            throw e;
        }
    }

    private boolean isThere(Connection connection, CommitMark mark) throws SQLException {
        if (mark.row() instanceof CommitMark.Entry entry) {
            return finds(
                    connection,
                    statements.findChange(),
                    arguments -> arguments.add(entry.id()).add(entry.createdAt()));
        } else if (mark.row() instanceof CommitMark.Event event) {
            return finds(
                    connection,
                    statements.findEvent(),
                    arguments ->
                            arguments.add(event.id()).add(event.createdAt()).add(mark.transaction()));
        } else if (mark.row() instanceof CommitMark.Received received) {
            return finds(
                    connection,
                    statements.findReceived(),
                    arguments -> arguments
                            .add(received.consumer())
                            .add(received.event())
                            .add(mark.transaction()));
        }
        throw new IllegalStateException("No statement finds " + mark.row());
    }

    /** Binds arguments. */
    @FunctionalInterface
    private interface Binding {
        SqlArguments bind(SqlArguments arguments) throws SQLException;
    }

    private static boolean finds(Connection connection, String text, Binding binding) throws SQLException {
        try (PreparedStatement statement = SqlSagaWrites.unnamed(connection, text)) {
            binding.bind(new SqlArguments(statement));
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        }
    }
}
