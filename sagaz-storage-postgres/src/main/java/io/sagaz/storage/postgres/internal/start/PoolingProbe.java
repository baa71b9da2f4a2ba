package io.sagaz.storage.postgres.internal.start;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * Finds out whether a pooler gives the backends of one client to another between two statements.
 *
 * <p>The second client holds a transaction open while the first asks for its backend again. With transaction pooling the
 * second one either was given the first one's backend, or the first one gets another. One round can miss that when the
 * pooler rotates through many idle backends, so there are a few. In session mode a client keeps its backend for good. The two
 * may be led to two replicas, whose backends can have the same number: in containers each counts for itself.
 */
final class PoolingProbe {
    private static final int ROUNDS = 4;
    private static final String BACKEND =
            "SELECT pg_backend_pid() || ' of ' || extract(epoch FROM pg_postmaster_start_time())";

    private PoolingProbe() {}

    static boolean sharesBackends(Connection first, Connection second) throws SQLException {
        String own = backend(first);
        for (int i = 0; i < ROUNDS; i++) {
            second.setAutoCommit(false);
            try {
                if (backend(second).equals(own) || !backend(first).equals(own)) {
                    return true;
                }
            } finally {
                second.rollback();
                second.setAutoCommit(true);
            }
        }
        return false;
    }

    private static String backend(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(BACKEND);
                ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getString(1);
        }
    }
}
