package io.sagaz.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.testkit.Credentials;
import io.sagaz.testkit.Topology;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Twenty JVMs start at the same moment on an empty database, through a PgBouncer with three backends and no other way. */
class ManyServicesIT {
    private static final int SERVICES = 20;

    @Test
    void allStartOneMigratesAndNoLogSpeaksOfAnError() throws Exception {
        try (Topology topology = Topology.builder().replicas(1).start()) {
            administer(topology, "SET default_pool_size = 3");
            // What the programs of the topology said while they started is not about this.
            int serverHadSaid = log(topology, "primary.log").size();
            int poolerHadSaid = log(topology, "rw.log").size();
            List<Process> services = new ArrayList<>();
            List<BufferedReader> outputs = new ArrayList<>();
            List<String> said = new ArrayList<>();
            try {
                for (int i = 0; i < SERVICES; i++) {
                    Process service = service(topology);
                    services.add(service);
                    outputs.add(new BufferedReader(
                            new InputStreamReader(service.getInputStream(), StandardCharsets.UTF_8)));
                }
                for (BufferedReader output : outputs) {
                    readUntil("READY", output, said);
                }
                for (Process service : services) {
                    tell(service);
                }
                for (BufferedReader output : outputs) {
                    readUntil("UP", output, said);
                }
                assertThat(services).allMatch(Process::isAlive);
                onlyOneHasMigrated(topology);
                for (Process service : services) {
                    service.getOutputStream().close();
                }
                for (BufferedReader output : outputs) {
                    readUntil("DOWN", output, said);
                }
                for (Process service : services) {
                    assertThat(service.waitFor(60, TimeUnit.SECONDS)).isTrue();
                    assertThat(service.exitValue()).isZero();
                }
            } finally {
                services.forEach(Process::destroyForcibly);
            }
            assertThat(said.stream().filter(line -> line.matches(".*(WARN|ERROR|Exception|FATAL).*")))
                    .as("what the services said")
                    .isEmpty();
            assertThat(log(topology, "primary.log").stream().skip(serverHadSaid).filter(ManyServicesIT::isTrouble))
                    .as("what the server said")
                    .isEmpty();
            assertThat(log(topology, "rw.log").stream().skip(poolerHadSaid).filter(ManyServicesIT::isTrouble))
                    .as("what the pooler said")
                    .isEmpty();
        }
    }

    private static void onlyOneHasMigrated(Topology topology) throws SQLException {
        try (Connection owner = topology.connect(topology.primaryUrl(), topology.owner())) {
            assertThat(value(owner, "SELECT count(*) FROM saga_executions")).isEqualTo(SERVICES);
            assertThat(value(owner, "SELECT count(*) - count(DISTINCT version) FROM sagaz_schema_history"))
                    .isZero();
            assertThat(value(owner, "SELECT count(*) FROM sagaz_schema_history WHERE NOT success"))
                    .isZero();
            assertThat(value(owner, "SELECT count(*) FROM sagaz_schema_history WHERE type = 'SQL'"))
                    .isGreaterThan(5);
            assertThat(value(owner, "SELECT count(*) FROM sagaz_partition_plan() WHERE NOT present"))
                    .isZero();
        }
    }

    private static Process service(Topology topology) throws IOException {
        Credentials owner = topology.owner();
        return OtherProcess.start(StoreMain.class, owner.password(), "", topology.rwUrl(), owner.user());
    }

    private static void tell(Process service) throws IOException {
        OutputStream input = service.getOutputStream();
        input.write('\n');
        input.flush();
    }

    private static void readUntil(String word, BufferedReader output, List<String> said) throws IOException {
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            said.add(line);
            if (line.startsWith(word)) {
                return;
            }
        }
        throw new AssertionError("A service ended before it said " + word + ": " + said);
    }

    private static void administer(Topology topology, String command) throws SQLException {
        String url = topology.rwUrl();
        String console = url.substring(0, url.lastIndexOf('/')) + "/pgbouncer?preferQueryMode=simple&replication=false";
        try (Connection connection = topology.connect(console, topology.superuser());
                Statement statement = connection.createStatement()) {
            statement.execute(command);
        }
    }

    private static boolean isTrouble(String line) {
        return line.matches(".*\\b(ERROR|FATAL|PANIC|WARNING)\\b.*");
    }

    /** The log of a program of the topology; it lies beside the data of the primary. */
    private static List<String> log(Topology topology, String name) throws SQLException, IOException {
        try (Connection connection = topology.connect(topology.primaryUrl(), topology.superuser());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW data_directory")) {
            row.next();
            try (Stream<String> lines = Files.lines(Path.of(row.getString(1)).resolveSibling(name))) {
                return lines.toList();
            }
        }
    }

    private static long value(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }
}
