package io.sagaz.storage.postgres.internal.route;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The transactions that the primary does not show yet, among those that a replica may have shown.
 *
 * <p>The record of a commit is in the log, and so on a replica, before the primary itself shows the commit. What a replica has
 * shown has a number below the end of its snapshot; of these the primary shows all that have left its list of transactions.
 */
record Unfinished(List<Long> transactions) {
    /** So many at once are a long list of transactions that have just ended; the next look will find fewer. */
    private static final int MOST = 10_000;

    /** Copies the list. */
    Unfinished {
        transactions = List.copyOf(transactions);
    }

    /** Asks the primary. */
    static Unfinished on(Connection primary, long below) throws SQLException {
        try (PreparedStatement statement = primary.prepareStatement("SELECT pg_current_snapshot()::text");
                ResultSet row = statement.executeQuery()) {
            row.next();
            return in(row.getString(1), below);
        }
    }

    /**
     * Those of a snapshot.
     *
     * @param snapshot as PostgreSQL writes it: the oldest that is not finished, the first that had not begun, and those between
     *     that are not finished
     */
    static Unfinished in(String snapshot, long below) {
        String[] parts = snapshot.split(":", -1);
        List<Long> found = new ArrayList<>();
        Arrays.stream(parts[2].split(","))
                .filter(xid -> !xid.isEmpty())
                .map(Long::parseLong)
                .filter(xid -> xid < below)
                .forEach(found::add);
        for (long xid = Long.parseLong(parts[1]); xid < below && found.size() < MOST; xid++) {
            found.add(xid);
        }
        return new Unfinished(found);
    }

    boolean isEmpty() {
        return transactions.isEmpty();
    }

    /** Whether a replica knows of any of them that it is committed. */
    boolean anyCommittedOn(Connection replica) throws SQLException {
        try (PreparedStatement statement = replica.prepareStatement(
                "SELECT EXISTS (SELECT FROM unnest(?::xid8[]) AS t (xid) WHERE pg_xact_status(xid) = 'committed')")) {
            statement.setArray(
                    1,
                    replica.createArrayOf(
                            "text", transactions.stream().map(String::valueOf).toArray()));
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }
}
