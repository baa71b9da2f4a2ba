package io.sagaz.migrations.internal.jdbc;

import java.sql.SQLException;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What SQLStates mean to us. */
public final class SqlStates {
    private static final int DEEPEST_CAUSE = 50;

    private static final String CONNECTION = "08";
    private static final String AUTHORIZATION = "28";
    private static final String PROTOCOL_VIOLATION = "08P01";
    private static final String SHUTDOWN = "57P";
    private static final String TERMINATED_IDLE_IN_TRANSACTION = "25P03";
    private static final String LOCK_NOT_AVAILABLE = "55P03";
    private static final String DEADLOCK = "40P01";

    private SqlStates() {}

    /** The first error of the database or driver among the causes. */
    public static Optional<SQLException> firstIn(@Nullable Throwable failure) {
        return Stream.iterate(failure, t -> t != null, Throwable::getCause)
                .limit(DEEPEST_CAUSE)
                .filter(SQLException.class::isInstance)
                .map(SQLException.class::cast)
                .findFirst();
    }

    /** Its SQLState. */
    public static Optional<String> find(@Nullable Throwable failure) {
        return firstIn(failure).map(SQLException::getSQLState);
    }

    /** Whether the connection is gone, or the pooler had no backend for it in time (which PgBouncer calls 08P01). */
    public static boolean isConnectionLost(SQLException e) {
        String state = e.getSQLState();
        return state != null
                && (state.startsWith(CONNECTION)
                        || state.startsWith(SHUTDOWN)
                        || state.equals(TERMINATED_IDLE_IN_TRANSACTION));
    }

    /** Whether the same can succeed when others have let go of their locks. */
    public static boolean isLockedOut(SQLException e) {
        return LOCK_NOT_AVAILABLE.equals(e.getSQLState()) || DEADLOCK.equals(e.getSQLState());
    }

    /** What helps, if we know. */
    public static Optional<String> remedy(String state) {
        if (state.equals(PROTOCOL_VIOLATION)) {
            return Optional.of(
                    "If this goes through a pooler: does its server run, and has it server connections to spare? Migrating"
                            + " needs up to 3 at once");
        }
        if (state.startsWith(CONNECTION)) {
            return Optional.of("Check that the server runs and that the URL leads to it");
        }
        if (state.startsWith(AUTHORIZATION)) {
            return Optional.of("Check user and password");
        }
        return Optional.ofNullable(
                switch (state) {
                    case "25006" ->
                        "This server or role only reads: give the URL of the primary, and look for"
                                + " default_transaction_read_only";
                    case "3D000" -> "Create the database first";
                    case "3F000" -> "Check the name of the schema";
                    case "42501" -> "Let the owner of the schema migrate, or grant what is missing";
                    case LOCK_NOT_AVAILABLE, DEADLOCK -> "pg_locks and pg_stat_activity show who holds the lock";
                    case "53300" -> "All connections of the server are taken: raise max_connections, or close some";
                    default -> null;
                });
    }
}
