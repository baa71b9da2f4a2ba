package io.sagaz.cli;

import io.sagaz.testkit.Topology;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * What a deployment of {@code sagaz init} has beyond a topology for tests: settings with which nothing fills up, and an owner
 * who sees what {@code status} and {@code doctor} show.
 */
final class DeploymentSettings {
    private DeploymentSettings() {}

    /** Gives them to a topology that has just been started. */
    static void apply(Topology topology) throws SQLException {
        List<String> servers = new ArrayList<>(List.of(topology.primaryUrl()));
        for (int i = 0; i < topology.replicas(); i++) {
            servers.add(topology.replicaUrl(i));
        }
        for (String url : servers) {
            execute(
                    topology,
                    url,
                    "ALTER SYSTEM SET max_slot_wal_keep_size = '4GB'",
                    "ALTER SYSTEM SET idle_in_transaction_session_timeout = '5min'",
                    "SELECT pg_reload_conf()");
        }
        execute(
                topology,
                topology.primaryUrl(),
                "GRANT pg_monitor TO " + topology.owner().user());
        if (keepsPreparedStatementsApart(topology)) {
            // The console knows the simple protocol only, and the driver asks it nothing if it believes that it
            // replicates.
            execute(
                    topology,
                    Connections.console(topology.rwUrl()) + "?preferQueryMode=simple&replication=false",
                    "SET max_prepared_statements = 200");
        }
    }

    /** Whether PgBouncer is of 1.21 or later. */
    private static boolean keepsPreparedStatementsApart(Topology topology) {
        String[] version = topology.sources().pgbouncerVersion().split("\\.", -1);
        return Integer.parseInt(version[0]) > 1 || Integer.parseInt(version[1]) >= 21;
    }

    private static void execute(Topology topology, String url, String... statements) throws SQLException {
        try (Connection connection = topology.connect(url, topology.superuser());
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }
}
