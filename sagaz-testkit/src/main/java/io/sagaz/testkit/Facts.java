package io.sagaz.testkit;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a topology is like, in facts that are the same whenever its condition is: nothing that moves by itself, such as a position in
 * the WAL, is among them. What comes about by itself is waited for: a follower that connects, a pooler that tries its server again.
 */
final class Facts {
    private static final Duration BY_ITSELF = Duration.ofSeconds(10);

    private final SortedMap<String, String> facts = new TreeMap<>();
    /** Who streams, and from whom. */
    private final Map<String, String> leaders = new HashMap<>();

    private boolean settled = true;

    private Facts(Cluster cluster) {
        cluster.servers().forEach(this::look);
        for (PostgresServer server : cluster.servers()) {
            if (server.isRunning()) {
                String leader = leaders.getOrDefault(server.name(), "nobody");
                note(server.name(), "streams from", leader);
                settled &= !leader.equals("nobody") || leads(server) || !cluster.mayFollow(server);
            }
        }
        note(cluster.primary().name(), "disk", cluster.isDiskFilled() ? "full" : "has room");
        look(cluster.writes(), cluster.primary().isRunning());
        look(cluster.reads(), cluster.replicas().stream().anyMatch(PostgresServer::isRunning));
    }

    static Map<String, String> of(Cluster cluster) {
        Facts[] latest = {new Facts(cluster)};
        Await.holds(BY_ITSELF, () -> {
            if (!latest[0].settled) {
                latest[0] = new Facts(cluster);
            }
            return latest[0].settled;
        });
        Facts facts = latest[0];
        cluster.servers().stream().filter(PostgresServer::isRunning).forEach(facts::lookAtSettings);
        return Collections.unmodifiableMap(facts.facts);
    }

    private void note(String who, String what, String how) {
        facts.put(who + " " + what, how);
    }

    private boolean leads(PostgresServer server) {
        return !"standby".equals(facts.get(server.name() + " role"));
    }

    private void look(PostgresServer server) {
        String name = server.name();
        note(name, "runs", yes(server.isRunning()));
        if (!server.isRunning()) {
            return;
        }
        try (Connection connection = server.ask()) {
            if (Jdbc.value(connection, "SELECT pg_is_in_recovery()").equals("t")) {
                note(name, "role", "standby");
                note(name, "replay", Jdbc.value(connection, "SELECT pg_get_wal_replay_pause_state()"));
            } else {
                note(name, "role", "leads");
                String timeline = "SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)";
                note(name, "timeline", Jdbc.value(connection, timeline));
            }
            String idle = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'";
            note(name, "open transactions", Jdbc.value(connection, idle));
            String streaming = "SELECT application_name FROM pg_stat_replication WHERE state = 'streaming'";
            for (Map<String, String> follower : Jdbc.rows(connection, streaming)) {
                leaders.put(follower.getOrDefault("application_name", "?"), name);
            }
            note(name, "answers", "yes");
        } catch (SQLException e) {
            note(name, "answers", "no");
        }
    }

    private void lookAtSettings(PostgresServer server) {
        try (Connection connection = server.ask()) {
            reload(connection);
            // A client sets some when it logs in.
            String settings = "SELECT name, reset_val FROM pg_settings WHERE source <> 'client'";
            for (Map<String, String> setting : Jdbc.rows(connection, settings)) {
                note(server.name(), "setting " + setting.get("name"), setting.getOrDefault("reset_val", ""));
            }
        } catch (SQLException e) {
            note(server.name(), "answers", "no");
        }
    }

    /** What was changed may not have been read yet, or not be meant to be read before the next start. */
    private static void reload(Connection connection) throws SQLException {
        String loaded = loadTime(connection);
        Jdbc.execute(connection, "SELECT pg_reload_conf()");
        Await.holds(BY_ITSELF, () -> !loadTime(connection).equals(loaded));
    }

    private static String loadTime(Connection connection) {
        try {
            return Jdbc.value(connection, "SELECT pg_conf_load_time()");
        } catch (SQLException e) {
            return "unknown";
        }
    }

    private void look(Pooler pooler, boolean hasServer) {
        String name = pooler.title();
        note(name, "runs", yes(pooler.isRunning()));
        if (!pooler.isRunning()) {
            return;
        }
        try (Connection console = pooler.ask()) {
            for (Map<String, String> database : Jdbc.rows(console, "SHOW DATABASES")) {
                if (Roles.DATABASE.equals(database.get("name"))) {
                    for (String what : new String[] {"host", "port", "paused", "disabled"}) {
                        note(name, what, database.getOrDefault(what, ""));
                    }
                }
            }
            for (Map<String, String> setting : Jdbc.rows(console, "SHOW CONFIG")) {
                note(name, "setting " + setting.get("key"), setting.getOrDefault("value", ""));
            }
            note(name, "answers", "yes");
        } catch (SQLException e) {
            note(name, "answers", "no");
        }
        boolean leadsSomewhere = pooler.leadsSomewhere();
        note(name, "leads somewhere", yes(leadsSomewhere));
        settled &= leadsSomewhere || !hasServer;
    }

    private static String yes(boolean it) {
        return it ? "yes" : "no";
    }
}
