package io.sagaz.testkit;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Who is connected to a database. */
final class Clients {
    private static final String SOCKET = "-1";

    private final String database;
    private final List<String> found = new ArrayList<>();
    /** From where poolers are connected to servers. */
    private final Set<String> portsOfPoolers = new HashSet<>(Set.of(SOCKET));

    private Clients(String database) {
        this.database = database;
    }

    /** Each client once, for people; without who cannot be asked. */
    static List<String> of(Cluster cluster, String database) {
        Clients clients = new Clients(database);
        cluster.poolers().stream().filter(Pooler::isRunning).forEach(clients::ofPooler);
        cluster.servers().stream().filter(PostgresServer::isRunning).forEach(clients::ofServer);
        return clients.found;
    }

    private void ofPooler(Pooler pooler) {
        try (Connection console = pooler.ask()) {
            for (Map<String, String> client : Jdbc.rows(console, "SHOW CLIENTS")) {
                if (database.equals(client.get("database"))) {
                    found.add(client.get("user") + " through " + pooler.title()
                            + application(client.getOrDefault("application_name", "")));
                }
            }
            for (Map<String, String> server : Jdbc.rows(console, "SHOW SERVERS")) {
                portsOfPoolers.add(server.getOrDefault("local_port", SOCKET));
            }
        } catch (SQLException e) {
            // It stands still or is going down: nobody knows who is there.
        }
    }

    private void ofServer(PostgresServer server) {
        try (Connection connection = server.ask()) {
            for (Map<String, String> client : Jdbc.rows(
                    connection,
                    "SELECT usename, application_name, client_port FROM pg_stat_activity"
                            + " WHERE datname = ? AND backend_type = 'client backend'",
                    database)) {
                if (!portsOfPoolers.contains(client.get("client_port"))) {
                    found.add(client.get("usename") + " at the " + server.name()
                            + application(client.getOrDefault("application_name", "")));
                }
            }
        } catch (SQLException e) {
            // The same.
        }
    }

    private static String application(String name) {
        return name.isEmpty() ? "" : " (" + name + ")";
    }
}
