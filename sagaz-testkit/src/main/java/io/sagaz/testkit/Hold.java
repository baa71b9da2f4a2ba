package io.sagaz.testkit;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * What a fault holds until it is closed: a snapshot of a server, or the connections of a pooler.
 *
 * <pre>{@code
 * try (Hold snapshot = topology.faults().holdSnapshotOnReplica(0)) {
 *     ...
 *     snapshot.check();
 * }
 * }</pre>
 *
 * <p>Thread-safe. Whoever asked for it closes it; a server that goes down ends it, too.
 */
public final class Hold implements AutoCloseable {
    private final String what;
    private final List<Connection> connections;

    Hold(String what, List<Connection> connections) {
        this.what = what;
        this.connections = List.copyOf(connections);
    }

    /**
     * Makes sure that all of it is still held, with a round trip for each connection.
     *
     * @throws TopologyException if it is not: it was closed, a connection was lost, or the server has cancelled the transaction
     */
    public synchronized void check() {
        for (Connection connection : connections) {
            try {
                Jdbc.execute(connection, "SELECT 1");
            } catch (SQLException e) {
                throw new TopologyException(what + " is not held any more: " + e.getMessage(), e);
            }
        }
    }

    /** Gives it back. Returns when the servers know; what has been lost in the meantime is let go. Does nothing the second time. */
    @Override
    public synchronized void close() {
        letGo(connections);
    }

    /** A connection is rolled back first: a pooler throws away one whose client leaves in a transaction. */
    static void letGo(List<Connection> connections) {
        for (Connection connection : connections) {
            try (connection) {
                if (!connection.isClosed()) {
                    connection.rollback();
                }
            } catch (SQLException e) {
                // It is lost, and with it what it held.
            }
        }
    }
}
