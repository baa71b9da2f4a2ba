package io.sagaz.bench;

import io.sagaz.testkit.Topology;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/** A transaction on a replica that goes on reading from one snapshot until it is closed. */
public final class HeldSnapshot implements AutoCloseable {
    private static final Duration EFFECT = Duration.ofMinutes(1);
    private static final long LOOK_MILLIS = 20;
    private static final String KEPT =
            "SELECT count(*) FROM pg_replication_slots WHERE slot_type = 'physical' AND active AND xmin IS NOT NULL";

    private final Connection connection;

    private HeldSnapshot(Connection connection) {
        this.connection = connection;
    }

    static HeldSnapshot begin(Topology topology, int replica) throws SQLException, InterruptedException {
        awaitFeedback(topology);
        // What the primary was told to keep before is older than this snapshot, and is not given up while this is held.
        Connection connection = topology.connect(topology.replicaUrl(replica), topology.reader());
        HeldSnapshot held = new HeldSnapshot(connection);
        try (Statement statement = connection.createStatement()) {
            connection.setReadOnly(true);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            connection.setAutoCommit(false);
            statement.execute("SELECT pg_current_snapshot()");
        } catch (SQLException e) {
            held.close();
            throw e;
        }
        return held;
    }

    private static void awaitFeedback(Topology topology) throws SQLException, InterruptedException {
        long begin = System.nanoTime();
        try (Connection primary = topology.connect(topology.primaryUrl(), topology.superuser());
                Statement statement = primary.createStatement()) {
            while (!isGiven(statement)) {
                if (System.nanoTime() - begin > EFFECT.toNanos()) {
                    throw new IllegalStateException("No replica has told the primary what to keep after " + EFFECT);
                }
                Thread.sleep(LOOK_MILLIS);
            }
        }
    }

    private static boolean isGiven(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery(KEPT)) {
            row.next();
            return row.getInt(1) > 0;
        }
    }

    /**
     * Makes sure that it is still held.
     *
     * @throws SQLException if it is not
     */
    public void check() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT 1");
        }
    }

    /** Ends the transaction. */
    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
