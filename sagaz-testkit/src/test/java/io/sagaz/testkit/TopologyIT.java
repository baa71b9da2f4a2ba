package io.sagaz.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TopologyIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    /** Processes in containers have the same numbers on several servers. */
    private static final String BACKEND = "SELECT current_setting('cluster_name') || ' ' || pg_backend_pid()";

    private static final List<String> PROGRESS = new ArrayList<>();

    private static Topology topology;

    @BeforeAll
    static void start() throws SQLException {
        topology = Topology.builder().replicas(2).progress(PROGRESS::add).start();
        Sql.execute(
                topology,
                topology.primaryUrl(),
                topology.owner(),
                "CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY, item text NOT NULL)",
                "CREATE SEQUENCE counter",
                "CREATE FUNCTION twice(n integer) RETURNS integer LANGUAGE sql AS 'SELECT 2 * n'");
        topology.awaitReplicas(SOON);
    }

    @AfterAll
    static void stop() {
        topology.close();
    }

    @Test
    void whatIsWrittenThroughRwIsReadThroughRoFromEveryReplica() throws SQLException {
        Sql.execute(topology, topology.rwUrl(), topology.app(), "INSERT INTO orders (item) VALUES ('lamp')");
        topology.awaitReplicas(SOON);

        List<Connection> connections = new ArrayList<>();
        Set<String> servers = new HashSet<>();
        try {
            for (int i = 0; i < 4; i++) {
                Connection reads = topology.connect(topology.roUrl(), topology.reader());
                connections.add(reads);
                assertThat(Jdbc.value(reads, "SELECT count(*) FROM orders WHERE item = 'lamp'"))
                        .isEqualTo("1");
                assertThat(Jdbc.value(reads, "SELECT pg_is_in_recovery()")).isEqualTo("t");
                servers.add(Jdbc.value(reads, "SELECT current_setting('cluster_name')"));
            }
        } finally {
            for (Connection connection : connections) {
                connection.close();
            }
        }
        assertThat(servers).containsExactlyInAnyOrder("replica-1", "replica-2");
    }

    @Test
    void clientsThatComeOneAfterTheOtherUseEveryServerConnectionThatIsOpen() throws SQLException {
        Set<String> servers = new HashSet<>();
        try (Connection first = topology.connect(topology.roUrl(), topology.app());
                Connection second = topology.connect(topology.roUrl(), topology.app())) {
            assertThat(Jdbc.value(first, "SELECT current_setting('cluster_name')"))
                    .isNotEqualTo(Jdbc.value(second, "SELECT current_setting('cluster_name')"));
        }
        for (int i = 0; i < 12; i++) {
            servers.add(
                    Sql.value(topology, topology.roUrl(), topology.app(), "SELECT current_setting('cluster_name')"));
        }
        assertThat(servers).hasSize(2);
    }

    @Test
    void writingThroughRoIsRefused() {
        assertThat(Sql.stateOf(() -> Sql.execute(
                        topology, topology.roUrl(), topology.app(), "INSERT INTO orders (item) VALUES ('chair')")))
                .isEqualTo("25006");
    }

    @Test
    void rwLendsAServerConnectionForOneTransaction() throws SQLException {
        try (Connection first = topology.connect(topology.rwUrl(), topology.app());
                Connection second = topology.connect(topology.rwUrl(), topology.app())) {
            String backend = Jdbc.value(first, "SELECT pg_backend_pid()");
            assertThat(Jdbc.value(second, "SELECT pg_backend_pid()")).isEqualTo(backend);

            first.setAutoCommit(false);
            backend = Jdbc.value(first, "SELECT pg_backend_pid()");
            assertThat(Jdbc.value(second, "SELECT pg_backend_pid()")).isNotEqualTo(backend);
            first.rollback();
        }
    }

    @Test
    void roLendsAServerConnectionForTheWholeSessionAndCleansIt() throws SQLException {
        String backend;
        try (Connection first = topology.connect(topology.roUrl(), topology.reader());
                Connection second = topology.connect(topology.roUrl(), topology.reader())) {
            backend = Jdbc.value(first, BACKEND);
            Jdbc.execute(first, "SET work_mem = '5MB'");
            assertThat(Jdbc.value(second, BACKEND)).isNotEqualTo(backend);
            assertThat(Jdbc.value(first, BACKEND)).isEqualTo(backend);
            assertThat(Jdbc.value(first, "SHOW work_mem")).isEqualTo("5MB");
        }
        assertThat(Sql.value(topology, topology.roUrl(), topology.reader(), "SHOW work_mem"))
                .isEqualTo("4MB");
    }

    @Test
    void everybodyLogsInEverywhere() throws SQLException {
        List<String> urls = List.of(
                topology.rwUrl(),
                topology.roUrl(),
                topology.primaryUrl(),
                topology.replicaUrl(0),
                topology.replicaUrl(1));
        for (Credentials role : List.of(topology.superuser(), topology.owner(), topology.app(), topology.reader())) {
            for (String url : urls) {
                assertThat(Sql.value(topology, url, role, "SELECT current_user"))
                        .isEqualTo(role.user());
            }
        }
    }

    @Test
    void aWrongPasswordIsRefusedEverywhere() {
        Credentials guess = new Credentials(topology.app().user(), "guess");
        assertThat(Sql.stateOf(() -> Sql.execute(topology, topology.primaryUrl(), guess)))
                .isEqualTo("28P01");
        assertThat(Sql.stateOf(() -> Sql.execute(topology, topology.rwUrl(), guess)))
                .startsWith("08");
        assertThat(Sql.stateOf(() -> Sql.execute(topology, topology.roUrl(), guess)))
                .startsWith("08");
    }

    @Test
    void theAppChangesRowsAndNothingElse() throws SQLException {
        Sql.execute(
                topology,
                topology.rwUrl(),
                topology.app(),
                "INSERT INTO orders (item) VALUES ('desk')",
                "UPDATE orders SET item = 'table' WHERE item = 'desk'",
                "DELETE FROM orders WHERE item = 'table'",
                "SELECT nextval('counter'), twice(4)");
        assertThat(stateOnPrimary(topology.app(), "CREATE TABLE t (i integer)")).isEqualTo("42501");
        assertThat(stateOnPrimary(topology.app(), "CREATE TEMP TABLE t (i integer)"))
                .isEqualTo("42501");
        assertThat(stateOnPrimary(topology.app(), "CREATE SCHEMA s")).isEqualTo("42501");
        assertThat(stateOnPrimary(topology.app(), "TRUNCATE orders")).isEqualTo("42501");
        assertThat(stateOnPrimary(topology.app(), "DROP TABLE orders")).isEqualTo("42501");
        assertThat(stateOnPrimary(topology.app(), "SELECT * FROM pg_authid")).isEqualTo("42501");
        assertThat(stateOnPrimary(topology.app(), "SELECT pg_promote()")).isEqualTo("42501");
    }

    @Test
    void theReaderOnlyReads() throws SQLException {
        assertThat(Sql.value(topology, topology.primaryUrl(), topology.reader(), "SELECT count(*) >= 0 FROM orders"))
                .isEqualTo("t");
        assertThat(stateOnPrimary(topology.reader(), "INSERT INTO orders (item) VALUES ('x')"))
                .isEqualTo("42501");
        assertThat(stateOnPrimary(topology.reader(), "UPDATE orders SET item = 'x'"))
                .isEqualTo("42501");
        assertThat(stateOnPrimary(topology.reader(), "DELETE FROM orders")).isEqualTo("42501");
        assertThat(stateOnPrimary(topology.reader(), "SELECT nextval('counter')"))
                .isEqualTo("42501");
        assertThat(stateOnPrimary(topology.reader(), "CREATE TABLE t (i integer)"))
                .isEqualTo("42501");
    }

    @Test
    void theOwnerMakesSchemasThatTheOthersCanUse() throws SQLException {
        Sql.execute(
                topology,
                topology.primaryUrl(),
                topology.owner(),
                "CREATE SCHEMA extra",
                "CREATE TABLE extra.t AS SELECT 1 AS i");
        assertThat(stateOnPrimary(topology.app(), "INSERT INTO extra.t VALUES (2)"))
                .isEqualTo("none");
        assertThat(stateOnPrimary(topology.reader(), "SELECT i FROM extra.t")).isEqualTo("none");
        assertThat(stateOnPrimary(topology.owner(), "CREATE ROLE intruder")).isEqualTo("42501");
        assertThat(stateOnPrimary(topology.owner(), "CREATE DATABASE another")).isEqualTo("42501");
    }

    @Test
    void theReplicatorCannotOpenADatabase() throws Exception {
        String line = Files.readString(topology.directory().resolve("replicator.pass"));
        String password = line.strip().substring(line.lastIndexOf(':') + 1);
        assertThat(Sql.stateOf(() -> Sql.execute(
                        topology, topology.primaryUrl(), new Credentials("sagaz_replicator", password), "SELECT 1")))
                .isEqualTo("28000");
    }

    @Test
    void thePoolersPassOnOtherDatabasesAndShowTheirConsoleToTheSuperuser() throws SQLException {
        Sql.execute(topology, topology.primaryUrl(), topology.superuser(), "CREATE DATABASE other OWNER sagaz_owner");
        topology.awaitReplicas(SOON);
        for (String url : List.of(topology.rwUrl(), topology.roUrl())) {
            assertThat(Sql.value(
                            topology,
                            url.replace("/" + topology.database(), "/other"),
                            topology.owner(),
                            "SELECT current_database()"))
                    .isEqualTo("other");
        }
        String console = topology.roUrl().replace("/sagaz", "/pgbouncer?preferQueryMode=simple&replication=false");
        assertThat(Sql.value(topology, console, topology.superuser(), "SHOW VERSION"))
                .contains("PgBouncer");
        assertThat(Sql.stateOf(() -> Sql.execute(topology, console, topology.app(), "SHOW VERSION")))
                .isNotEqualTo("none");
    }

    @Test
    void secretsOnDiskAreVerifiersReadableByTheServersAlone() throws Exception {
        for (Path file : List.of(
                topology.directory().resolve("rw/users.txt"),
                topology.directory().resolve("ro/users.txt"),
                topology.directory().resolve("replicator.pass"))) {
            assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        }
        assertThat(Files.readAllLines(topology.directory().resolve("rw/users.txt")))
                .hasSize(4)
                .allMatch(line -> line.contains("\"SCRAM-SHA-256$4096:"));
        try (var logs = Files.newDirectoryStream(topology.directory(), "*.log")) {
            for (Path log : logs) {
                assertThat(Files.readString(log))
                        .doesNotContain(topology.superuser().password())
                        .doesNotContain(topology.app().password());
            }
        }
    }

    @Test
    void saysWhatItRunsAndHowLongItTook() throws SQLException {
        Sources sources = topology.sources();
        assertThat(Sql.value(topology, topology.primaryUrl(), topology.app(), "SHOW server_version"))
                .startsWith(sources.postgresVersion());
        assertThat(sources.postgresOrigin())
                .matches("(programs on this machine: /|binaries from Maven Central |image ).*");
        assertThat(sources.pgbouncerVersion()).matches("1\\.\\d+\\.\\d+.*");
        assertThat(topology.startedIn()).isBetween(Duration.ofMillis(1), Duration.ofMinutes(1));
        assertThat(PROGRESS)
                .anyMatch(line ->
                        line.matches("PostgreSQL [\\d.]+ primary is up on 127\\.0\\.0\\.1:\\d+ \\(\\d+\\.\\d s\\)"))
                .anyMatch(line -> line.contains("replica-2 is up on"))
                .anyMatch(line -> line.startsWith("PgBouncer-RO " + sources.pgbouncerVersion() + " is up on"));
        assertThat(topology.replicas()).isEqualTo(2);
        assertThat(Sql.value(
                        topology,
                        topology.primaryUrl(),
                        topology.superuser(),
                        "SELECT DISTINCT setting FROM pg_file_settings WHERE name ILIKE '%timezone' AND applied"))
                .isEqualTo("UTC");
        assertThat(Sql.value(topology, topology.primaryUrl(), topology.app(), "SHOW synchronous_commit"))
                .isEqualTo("on");
    }

    private static String stateOnPrimary(Credentials role, String sql) {
        return Sql.stateOf(() -> Sql.execute(topology, topology.primaryUrl(), role, sql));
    }
}
