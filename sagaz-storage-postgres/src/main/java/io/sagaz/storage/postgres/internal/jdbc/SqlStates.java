package io.sagaz.storage.postgres.internal.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;

/**
 * What an SQLState means for the store. Errors are recognised by SQLState alone, never by their text.
 *
 * @see <a href="https://www.postgresql.org/docs/current/errcodes-appendix.html">PostgreSQL error codes</a>
 */
public final class SqlStates {
    /** A write met a server that only reads: a standby, or a primary that was demoted. */
    public static final String READ_ONLY_TRANSACTION = "25006";

    public static final String NOT_IN_PREREQUISITE_STATE = "55000";
    /** The server gave up the statement when its time was over. */
    public static final String QUERY_CANCELED = "57014";
    /** Replay on a standby needed rows that the query still saw; also ordinary serialization failures. */
    public static final String SERIALIZATION_FAILURE = "40001";
    /** Two waited for each other; on a standby, one of them may have been replay. */
    private static final String DEADLOCK = "40P01";
    /** No partition for the row, or another CHECK. */
    public static final String CHECK_VIOLATION = "23514";

    /** An argument that cannot be. */
    public static final String INVALID_PARAMETER = "22023";

    /** A function of the schema has not found what it needs. */
    public static final String NO_DATA_FOUND = "P0002";

    /** A function of the schema has found that somebody uses what was to be taken away. */
    public static final String OBJECT_IN_USE = "55006";

    /** The row is there already. */
    public static final String UNIQUE_VIOLATION = "23505";
    /** What PgBouncer reports all of its own conditions as. */
    public static final String POOLER_CONDITION = "08P01";

    /** Deadlock, lock timeout, serialization, resources, not yet accepting connections: nothing was written. */
    private static final Set<String> PASSING =
            Set.of(SERIALIZATION_FAILURE, DEADLOCK, "55P03", "57P03", QUERY_CANCELED, READ_ONLY_TRANSACTION);
    /**
     * Those of them that have mostly passed when the statement comes again: a deadlock, a serialization, a primary that was
     * demoted (another connection may lead to the new one), a server that is starting. Not the ends of waits that somebody
     * has bounded, nor a lack of resources: who repeats those makes them worse.
     */
    private static final Set<String> SOON_PASSED =
            Set.of(SERIALIZATION_FAILURE, DEADLOCK, "57P03", READ_ONLY_TRANSACTION);
    /** Shut down by an operator, crashed, database dropped, idle or in a transaction for too long. */
    private static final Set<String> SESSION_ENDED = Set.of("57P01", "57P02", "57P04", "57P05", "25P03", "25P04");

    private SqlStates() {}

    /** The SQLState, or an empty string: a driver may leave it out. */
    public static String of(SQLException e) {
        return e.getSQLState() == null ? "" : e.getSQLState();
    }

    /** Whether the server undid the statement and the same one may succeed later. */
    public static boolean isPassing(SQLException e) {
        String state = of(e);
        return PASSING.contains(state) || state.startsWith("53");
    }

    /** Whether the server undid the statement and the same one is likely to succeed at once. */
    public static boolean isRepeatable(SQLException e) {
        return SOON_PASSED.contains(of(e));
    }

    /**
     * Whether the connection is gone, so that what was under way on it may or may not have been done. PgBouncer's own
     * conditions are among them: it reports all of them as 08P01, also the loss of a server in mid-statement.
     */
    public static boolean isConnectionLost(SQLException e) {
        String state = of(e);
        return state.startsWith("08") || SESSION_ENDED.contains(state);
    }

    /** An error that says that the connection is gone, where another one did not say so. */
    static SQLException connectionLost(SQLException cause) {
        return new SQLException("The connection was closed: " + cause.getMessage(), "08003", cause);
    }

    /**
     * The error that a statement on this connection failed with, or that the connection is gone if it is closed and the error
     * does not say so: a pool closes one in mid-call when it sees an error that ends a session, and what is tried on it next
     * fails without an SQLState.
     */
    static SQLException on(Connection connection, SQLException e) {
        try {
            return connection.isClosed() && !isConnectionLost(e) ? connectionLost(e) : e;
        } catch (SQLException closed) {
            return e;
        }
    }

    /**
     * Whether a standby gave the statement up because replay needed what it held: rows that it still saw, a lock, a buffer.
     *
     * @see <a href="https://www.postgresql.org/docs/current/hot-standby.html#HOT-STANDBY-CONFLICT">PostgreSQL: query conflicts</a>
     */
    public static boolean isRecoveryConflict(SQLException e) {
        String state = of(e);
        return state.equals(SERIALIZATION_FAILURE) || state.equals(DEADLOCK);
    }

    /** Whether the object or column is not (yet) there: a replica may not have replayed a migration. */
    public static boolean isSchemaUnknown(SQLException e) {
        return of(e).startsWith("42") || of(e).equals("3F000");
    }
}
