package io.sagaz.storage.postgres.internal.jdbc;

import io.sagaz.storage.CommitOutcomeUnknownException;
import io.sagaz.storage.PermanentStoreException;
import io.sagaz.storage.StoreException;
import io.sagaz.storage.TransientStoreException;
import java.sql.SQLException;

/** Turns what the driver throws into what the store promises. */
public final class StoreErrors {
    private StoreErrors() {}

    /** For a statement whose commit was not under way: a lost connection rolled it back. */
    public static StoreException beforeCommit(String doing, SQLException e) {
        return SqlStates.isPassing(e) || SqlStates.isConnectionLost(e)
                ? new TransientStoreException(message(doing, e) + "; nothing was written, try again", e)
                : new PermanentStoreException(message(doing, e) + remedy(e) + "; nothing was written", e);
    }

    /** For a commit, or a statement that commits by itself: a lost connection leaves its outcome open. */
    public static StoreException atCommit(String doing, SQLException e) {
        return SqlStates.isConnectionLost(e)
                ? new CommitOutcomeUnknownException(
                        message(doing, e) + "; the connection was lost before the server answered, so it was done as"
                                + " a whole or not at all: read before trying again",
                        e)
                : beforeCommit(doing, e);
    }

    /** For a read. */
    public static StoreException reading(String doing, SQLException e) {
        return SqlStates.isPassing(e) || SqlStates.isConnectionLost(e)
                ? new TransientStoreException(message(doing, e) + "; try again", e)
                : new PermanentStoreException(message(doing, e), e);
    }

    private static String message(String doing, SQLException e) {
        return doing + " failed with SQLState " + SqlStates.of(e) + ": " + firstLine(e);
    }

    private static String remedy(SQLException e) {
        return switch (SqlStates.of(e)) {
            case SqlStates.CHECK_VIOLATION ->
                " (if it says that no partition was found: is the clock of this host right, and does"
                        + " get_partition_statistics() show partitions ahead?)";
            case SqlStates.UNIQUE_VIOLATION -> " (if it speaks of saga_outbox: this very event was emitted before)";
            default -> "";
        };
    }

    private static String firstLine(SQLException e) {
        String text = String.valueOf(e.getMessage());
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end);
    }
}
