package io.sagaz.testkit;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/** The sessions of clients on a server. */
final class Backends {
    private static final String OF_ROLE =
            " FROM pg_stat_activity WHERE backend_type = 'client backend' AND usename = ? AND pid <> pg_backend_pid()"
                    + " AND backend_start <= ?::timestamptz";

    private Backends() {}

    /** Ends those of a role that there are now, and returns how many there were when all of them are gone. */
    static int terminate(PostgresServer server, String role, Duration atMost) throws SQLException {
        try (Connection connection = server.administer()) {
            String now = Jdbc.value(connection, "SELECT clock_timestamp()");
            int ended = Integer.parseInt(Jdbc.value(
                    connection, "SELECT count(*) FILTER (WHERE pg_terminate_backend(pid))" + OF_ROLE, role, now));
            boolean gone = Await.holds(atMost, () -> {
                try {
                    return Jdbc.value(connection, "SELECT count(*)" + OF_ROLE, role, now)
                            .equals("0");
                } catch (SQLException e) {
                    throw new TopologyException(
                            "The sessions on " + server.name() + " cannot be counted: " + e.getMessage(), e);
                }
            });
            if (!gone) {
                throw new TopologyException("Sessions of " + role + " on " + server.name() + " have not ended after "
                        + Progress.seconds(atMost));
            }
            return ended;
        }
    }
}
