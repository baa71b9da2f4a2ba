package io.sagaz.cli.look;

import io.sagaz.cli.connect.Login;
import io.sagaz.cli.connect.Way;
import io.sagaz.cli.look.PoolerState.Database;
import io.sagaz.cli.look.PoolerState.Pool;
import io.sagaz.cli.look.PoolerState.Version;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Asks the admin consoles of PgBouncers how they are. */
final class Consoles {
    /**
     * At a login the driver asks things that a console does not answer, unless it believes that it replicates; and a console
     * knows the simple protocol only.
     */
    private static final Map<String, String> AS_CONSOLE = Map.of("preferQueryMode", "simple", "replication", "false");

    private static final long MILLION = 1_000_000;

    /** The driver warns of each console, whose version is none of a server. Kept here, or it would be forgotten. */
    private static final Logger OF_DRIVER = Logger.getLogger("org.postgresql.jdbc.PgConnection");

    static {
        OF_DRIVER.setLevel(Level.SEVERE);
    }

    private final Login login;

    Consoles(Login login) {
        this.login = login;
    }

    Fact<PoolerState> ask(Way way) {
        return Fact.of("the pooler at " + way.address(), () -> {
            try (Connection connection = Servers.connect(way, login, AS_CONSOLE);
                    Statement statement = connection.createStatement()) {
                return new PoolerState(version(statement), settings(statement), databases(statement), pools(statement));
            }
        });
    }

    private static Version version(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("SHOW VERSION")) {
            row.next();
            return Version.parse(row.getString(1));
        }
    }

    private static Map<String, String> settings(Statement statement) throws SQLException {
        Map<String, String> settings = new HashMap<>();
        try (ResultSet row = statement.executeQuery("SHOW CONFIG")) {
            while (row.next()) {
                settings.put(row.getString("key"), Objects.requireNonNullElse(row.getString("value"), ""));
            }
        }
        return settings;
    }

    private static List<Database> databases(Statement statement) throws SQLException {
        List<Database> databases = new ArrayList<>();
        try (ResultSet row = statement.executeQuery("SHOW DATABASES")) {
            while (row.next()) {
                databases.add(new Database(
                        row.getString("name"),
                        Objects.requireNonNullElse(row.getString("host"), "local") + ":" + row.getString("port"),
                        Objects.requireNonNullElse(row.getString("pool_mode"), ""),
                        row.getInt("pool_size"),
                        row.getInt("paused") != 0 || row.getInt("disabled") != 0));
            }
        }
        return databases;
    }

    private static List<Pool> pools(Statement statement) throws SQLException {
        List<Pool> pools = new ArrayList<>();
        try (ResultSet row = statement.executeQuery("SHOW POOLS")) {
            while (row.next()) {
                pools.add(new Pool(
                        row.getString("database"),
                        row.getString("user"),
                        row.getString("pool_mode"),
                        row.getInt("cl_active"),
                        row.getInt("cl_waiting"),
                        row.getInt("sv_active"),
                        row.getInt("sv_idle") + row.getInt("sv_used"),
                        Duration.ofNanos((row.getLong("maxwait") * MILLION + row.getLong("maxwait_us")) * 1_000)));
            }
        }
        return pools;
    }
}
