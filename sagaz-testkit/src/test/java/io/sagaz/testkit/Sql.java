package io.sagaz.testkit;

import java.sql.Connection;
import java.sql.SQLException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** One-line SQL for tests. */
final class Sql {
    private Sql() {}

    static String value(Topology topology, String url, Credentials as, String sql) throws SQLException {
        try (Connection connection = topology.connect(url, as)) {
            return Jdbc.value(connection, sql);
        }
    }

    static void execute(Topology topology, String url, Credentials as, String... sql) throws SQLException {
        try (Connection connection = topology.connect(url, as)) {
            Jdbc.execute(connection, sql);
        }
    }

    /** The SQLState with which something fails; "none" when it does not. */
    static String stateOf(ThrowingCallable work) {
        try {
            work.call();
            return "none";
        } catch (SQLException e) {
            return String.valueOf(e.getSQLState());
        } catch (Throwable e) {
            throw new AssertionError("Not an error of SQL", e);
        }
    }
}
