package io.sagaz.testkit;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Takes what a {@link Hold} holds. */
final class Holds {
    private static final String[] ONE_SNAPSHOT = {
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY", "SELECT pg_current_snapshot()"
    };

    private Holds() {}

    /** A transaction that goes on reading from one snapshot. */
    static Hold snapshot(PostgresServer server, Credentials as) throws SQLException {
        return new Hold("The snapshot on " + server.name(), List.of(begin(server.url(), as, ONE_SNAPSHOT)));
    }

    /** A connection in a transaction. What it sets is gone with the transaction, for others get the connection behind a pooler. */
    private static Connection begin(String url, Credentials as, String... first) throws SQLException {
        Connection connection = Jdbc.connectImpatiently(url, as);
        try {
            connection.setAutoCommit(false);
            Jdbc.execute(connection, first);
            return connection;
        } catch (SQLException e) {
            Hold.letGo(List.of(connection));
            throw e;
        }
    }

    /**
     * Waits until a leader keeps what snapshots of a follower need, if the follower tells it. What it was told before a snapshot
     * was taken is older than that snapshot, and is not given up while it is held.
     */
    static void awaitFeedback(PostgresServer follower, PostgresServer leader, String slot, Duration atMost)
            throws SQLException {
        try (Connection onFollower = follower.administer()) {
            if (!Jdbc.value(onFollower, "SHOW hot_standby_feedback").equals("on")) {
                return;
            }
        }
        try (Connection onLeader = leader.administer()) {
            boolean told = Await.holds(atMost, () -> {
                try {
                    return !Jdbc.value(onLeader, "SELECT xmin FROM pg_replication_slots WHERE slot_name = ?", slot)
                            .isEmpty();
                } catch (SQLException e) {
                    throw new TopologyException(
                            "The " + leader.name() + " does not say what it keeps: " + e.getMessage(), e);
                }
            });
            if (!told) {
                throw new TopologyException(follower.name() + " has not told the " + leader.name()
                        + " what to keep after " + Progress.seconds(atMost));
            }
        }
    }

    /** Transactions on all connections to servers that a pooler has for a user, or sessions on all that are not taken. */
    static Hold pool(Pooler pooler, Credentials as) {
        List<Connection> held = new ArrayList<>();
        boolean complete = false;
        try {
            while (held.size() < pooler.poolSize() && !(pooler.lendsSessions() && isTaken(pooler, as))) {
                held.add(begin(pooler.url(), as, "SELECT 1"));
            }
            complete = true;
            return new Hold("The pool of " + as.user() + " in " + pooler.title(), held);
        } catch (SQLException e) {
            throw new TopologyException(
                    pooler.title() + " lent " + held.size() + " of its " + pooler.poolSize() + " connections of "
                            + as.user() + " and no more; do others keep theirs? " + e.getMessage(),
                    e);
        } finally {
            if (!complete) {
                Hold.letGo(held);
            }
        }
    }

    private static boolean isTaken(Pooler pooler, Credentials as) throws SQLException {
        return pooler.lent(as.user()) >= pooler.poolSize();
    }
}
