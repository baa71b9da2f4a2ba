package io.sagaz.cli.look;

import io.sagaz.cli.connect.Login;
import io.sagaz.cli.connect.Way;
import io.sagaz.cli.look.ServerState.Clocks;
import io.sagaz.cli.look.ServerState.Replay;
import io.sagaz.cli.look.ServerState.Slot;
import io.sagaz.cli.look.ServerState.Standby;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.postgresql.Driver;
import org.postgresql.PGConnection;
import org.postgresql.util.PSQLException;

/** Asks servers how they are. Each question is a transaction of its own, so that it works through any pooler. */
final class Servers {
    /** In seconds: a server that does not answer is to be found out, not to be waited for. */
    private static final Map<String, String> PATIENCE =
            Map.of("connectTimeout", "5", "loginTimeout", "10", "socketTimeout", "30");

    private static final String STATE = """
            SELECT coalesce(host(inet_server_addr()), 'local') || ':' || coalesce(inet_server_port(), 0) AS address,
                split_part(current_setting('server_version'), ' ', 1) AS version, pg_is_in_recovery() AS standby,
                (SELECT system_identifier FROM pg_control_system()) AS system, pg_backend_pid() AS backend,
                pg_postmaster_start_time() AS started_at,
                coalesce(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END
                    - '0/0'::pg_lsn, 0)::bigint AS position
            """;

    private static final String SETTINGS = """
            SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit',
                'wal_level', 'max_slot_wal_keep_size', 'idle_in_transaction_session_timeout', 'autovacuum',
                'max_connections', 'hot_standby_feedback')
            """;

    private static final String REPLAY = """
            SELECT pg_get_wal_replay_pause_state() <> 'not paused' AS paused,
                extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8 AS since_last
            """;

    private static final String RECEIVER = "SELECT status FROM pg_stat_wal_receiver";

    private static final String STANDBYS = """
            SELECT r.application_name, coalesce(host(r.client_addr), 'local') AS address, r.state, r.sync_state,
                coalesce(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END
                    - r.replay_lsn, 0)::bigint AS behind,
                extract(epoch FROM r.replay_lag)::float8 AS replay_lag, s.slot_name
            FROM pg_stat_replication r LEFT JOIN pg_replication_slots s ON s.active_pid = r.pid
            ORDER BY r.application_name, r.pid
            """;

    private static final String SLOTS = """
            SELECT slot_name, slot_type, active, coalesce(wal_status, 'reserved') AS wal_status, safe_wal_size,
                greatest(0, coalesce(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END
                    - restart_lsn, 0))::bigint AS kept
            FROM pg_replication_slots WHERE NOT temporary ORDER BY slot_name
            """;

    private final Login login;
    private final Clock clock;

    Servers(Login login, Clock clock) {
        this.login = login;
        this.clock = clock;
    }

    ServerLook look(String name, Way way) {
        return new ServerLook(name, way, Fact.of(name, () -> {
            try (Connection connection = connect(way, login, Map.of())) {
                return state(connection);
            }
        }));
    }

    /**
     * Opens a connection; the caller closes it.
     *
     * @throws LoginRefusedException if the role or its password is refused
     */
    static Connection connect(Way way, Login login, Map<String, String> more) throws SQLException {
        Properties properties = new Properties();
        properties.putAll(PATIENCE);
        properties.setProperty("ApplicationName", "sagaz-cli");
        properties.setProperty("user", login.user());
        properties.setProperty("password", login.password());
        properties.setProperty("prepareThreshold", "0");
        properties.putAll(more);
        try {
            Connection connection = new Driver().connect(way.url(), properties);
            if (connection == null) {
                throw new SQLException("No URL of PostgreSQL: " + way.shown(), "08001");
            }
            return connection;
        } catch (PSQLException e) {
            throw LoginRefusedException.orSame(e, login);
        }
    }

    private ServerState state(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(STATE)) {
            row.next();
            boolean standby = row.getBoolean("standby");
            return new ServerState(
                    row.getString("address"),
                    row.getString("version"),
                    standby,
                    row.getLong("system"),
                    row.getInt("backend")
                            != connection.unwrap(PGConnection.class).getBackendPID(),
                    row.getObject("started_at", OffsetDateTime.class).toInstant(),
                    row.getLong("position"),
                    settings(connection),
                    clocks(connection),
                    standby ? Optional.of(replay(connection)) : Optional.empty(),
                    Fact.of("who streams", () -> standbys(connection)),
                    Fact.of("the replication slots", () -> slots(connection)));
        }
    }

    private static Map<String, String> settings(Connection connection) throws SQLException {
        Map<String, String> settings = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(SETTINGS)) {
            while (row.next()) {
                settings.put(row.getString(1), row.getString(2));
            }
        }
        return settings;
    }

    private Clocks clocks(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            long start = System.nanoTime();
            Instant before = clock.instant();
            try (ResultSet row = statement.executeQuery("SELECT clock_timestamp()")) {
                Duration half = Duration.ofNanos((System.nanoTime() - start) / 2);
                row.next();
                Instant there = row.getObject(1, OffsetDateTime.class).toInstant();
                return new Clocks(Duration.between(before.plus(half), there), half);
            }
        }
    }

    private static Replay replay(Connection connection) throws SQLException {
        Fact<Optional<String>> receiver = Fact.of("what the WAL receiver does", () -> receiver(connection));
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(REPLAY)) {
            row.next();
            return new Replay(receiver, row.getBoolean("paused"), seconds(row, "since_last"));
        }
    }

    private static Optional<String> receiver(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(RECEIVER)) {
            if (!row.next()) {
                return Optional.empty();
            }
            return Optional.of(shown(row, "status"));
        }
    }

    private static List<Standby> standbys(Connection connection) throws SQLException {
        List<Standby> standbys = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(STANDBYS)) {
            while (row.next()) {
                standbys.add(new Standby(
                        row.getString("application_name"),
                        row.getString("address"),
                        shown(row, "state"),
                        shown(row, "sync_state"),
                        row.getLong("behind"),
                        seconds(row, "replay_lag"),
                        Optional.ofNullable(row.getString("slot_name"))));
            }
        }
        return standbys;
    }

    private static List<Slot> slots(Connection connection) throws SQLException {
        List<Slot> slots = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(SLOTS)) {
            while (row.next()) {
                long safe = row.getLong("safe_wal_size");
                Optional<Long> limit = row.wasNull() ? Optional.empty() : Optional.of(safe);
                slots.add(new Slot(
                        row.getString("slot_name"),
                        row.getString("slot_type"),
                        row.getBoolean("active"),
                        row.getLong("kept"),
                        row.getString("wal_status"),
                        limit));
            }
        }
        return slots;
    }

    /** What is hidden from a role is NULL. */
    private static String shown(ResultSet row, String column) throws SQLException {
        String value = row.getString(column);
        if (value == null) {
            throw new SQLException("the role may not see it, being no member of pg_read_all_stats", "42501");
        }
        return value;
    }

    private static Optional<Duration> seconds(ResultSet row, String column) throws SQLException {
        double seconds = row.getDouble(column);
        return row.wasNull() ? Optional.empty() : Optional.of(Duration.ofMillis(Math.round(seconds * 1_000)));
    }
}
