package io.sagaz.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class TestDatabaseIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration AT_ONCE = Duration.ofMillis(1);

    private static Topology topology;

    @BeforeAll
    static void start() {
        topology = Topology.builder().replicas(2).start();
    }

    @AfterAll
    static void stop() {
        topology.close();
    }

    @Test
    void aNewDatabaseIsEmptyAndEverywhere() throws SQLException {
        try (TestDatabase first = topology.newDatabase();
                TestDatabase second = topology.newDatabase()) {
            execute(first, first.owner(), "CREATE TABLE t (i integer)");
            assertThat(first.name()).isNotEqualTo(second.name()).isNotEqualTo(topology.database());
            for (String url : List.of(
                    second.rwUrl(), second.roUrl(), second.primaryUrl(), second.replicaUrl(0), second.replicaUrl(1))) {
                assertThat(value(second, url, second.reader(), "SELECT current_database()"))
                        .isEqualTo(second.name());
                assertThat(value(second, url, second.reader(), "SELECT to_regclass('t')"))
                        .isEmpty();
            }
            assertThat(second.rwUrl()).endsWith("?prepareThreshold=0");
        }
    }

    @Test
    void rolesHaveTheSameRightsAsInTheMainDatabase() throws SQLException {
        try (TestDatabase database = topology.newDatabase()) {
            String acl = "SELECT datacl FROM pg_database WHERE datname = current_database()";
            String defaults = "SELECT array_agg(defaclobjtype::text || defaclacl::text ORDER BY defaclobjtype)"
                    + " FROM pg_default_acl";
            String schema = "SELECT nspowner::regrole::text || nspacl::text FROM pg_namespace WHERE nspname = 'public'";
            for (String question : List.of(acl, defaults, schema)) {
                assertThat(value(database, database.primaryUrl(), database.superuser(), question))
                        .isNotEmpty()
                        .isEqualTo(Sql.value(topology, topology.primaryUrl(), topology.superuser(), question));
            }
            execute(database, database.owner(), "CREATE TABLE t (i integer)");
            execute(database, database.app(), "INSERT INTO t VALUES (1)");
            database.awaitReplicas(SOON);
            assertThat(value(database, database.roUrl(), database.reader(), "SELECT i FROM t"))
                    .isEqualTo("1");
            assertThat(Sql.stateOf(() -> execute(database, database.reader(), "INSERT INTO t VALUES (2)")))
                    .isEqualTo("42501");
        }
    }

    @Test
    void aDatabaseGoesWithAllConnectionsToIt() throws SQLException {
        TestDatabase database = topology.newDatabase();
        try (Connection direct = database.connect(database.primaryUrl(), database.app());
                Connection write = database.connect(database.rwUrl(), database.app());
                Connection read = database.connect(database.roUrl(), database.reader());
                Connection replica = database.connect(database.replicaUrl(1), database.reader())) {
            write.setAutoCommit(false);
            for (Connection each : List.of(direct, write, read, replica)) {
                assertThat(Jdbc.value(each, "SELECT 1")).isEqualTo("1");
            }
            database.close();
            topology.awaitReplicas(SOON);
            for (Connection each : List.of(direct, write, read, replica)) {
                assertThat(Sql.stateOf(() -> Jdbc.value(each, "SELECT 1"))).isNotEqualTo("none");
            }
        }
        assertThat(Sql.value(
                        topology,
                        topology.replicaUrl(0),
                        topology.superuser(),
                        "SELECT count(*) FROM pg_database WHERE datname = '" + database.name() + "'"))
                .isEqualTo("0");
        database.close();
    }

    @Test
    void aTemplateIsPreparedOnceForAllWhoAskAtTheSameTime() throws Exception {
        AtomicInteger prepared = new AtomicInteger();
        TestDatabase.Preparation preparation = template -> {
            prepared.incrementAndGet();
            execute(template, template.owner(), "CREATE TABLE t AS SELECT 7 AS i");
            // A pooler keeps a connection to the template.
            assertThat(value(template, template.rwUrl(), template.app(), "SELECT i FROM t"))
                    .isEqualTo("7");
        };
        ExecutorService executor = Executors.newFixedThreadPool(4);
        try {
            List<Future<TestDatabase>> copies = executor.invokeAll(java.util.Collections.nCopies(
                    4, (Callable<TestDatabase>) () -> topology.newDatabase("seven", preparation)));
            List<String> names = new ArrayList<>();
            for (Future<TestDatabase> future : copies) {
                try (TestDatabase copy = future.get()) {
                    names.add(copy.name());
                    assertThat(value(copy, copy.roUrl(), copy.reader(), "SELECT i FROM t"))
                            .isEqualTo("7");
                    execute(copy, copy.app(), "DELETE FROM t");
                }
            }
            assertThat(names).doesNotHaveDuplicates().hasSize(4);
        } finally {
            executor.shutdownNow();
        }
        assertThat(prepared).hasValue(1);
    }

    @Test
    void aPreparationThatFailsLeavesNothingAndIsTriedAgain() throws SQLException {
        String databases =
                "SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database" + " WHERE datname LIKE 'template%'";
        topology.newDatabase().close();
        String before = Sql.value(topology, topology.primaryUrl(), topology.superuser(), databases);
        assertThatExceptionOfType(TopologyException.class)
                .isThrownBy(() -> topology.newDatabase("hopeless", template -> {
                    execute(template, template.app(), "CREATE TABLE t (i integer)");
                }))
                .withMessageStartingWith("The template hopeless was not prepared: ERROR: permission denied")
                .withCauseInstanceOf(SQLException.class);
        assertThat(Sql.value(topology, topology.primaryUrl(), topology.superuser(), databases))
                .isEqualTo(before);
        topology.newDatabase("hopeless", template -> {}).close();
    }

    @Test
    void oneIsMadeAheadForWhoeverAskedTwice() throws SQLException {
        TestDatabase.Preparation seven =
                template -> execute(template, template.owner(), "CREATE TABLE t AS SELECT 7 AS i");
        for (int i = 0; i < 5; i++) {
            try (TestDatabase copy = topology.newDatabase("ahead", seven)) {
                assertThat(value(copy, copy.replicaUrl(1), copy.reader(), "SELECT i FROM t"))
                        .isEqualTo("7");
            }
        }
    }

    @Test
    void whoeverIsStillConnectedIsNamed() throws SQLException {
        try (TestDatabase database = topology.newDatabase()) {
            try (Connection first = database.connect(database.rwUrl(), database.app());
                    Connection second =
                            database.connect(database.roUrl() + "?ApplicationName=dash", database.reader());
                    Connection third =
                            database.connect(database.replicaUrl(0) + "?ApplicationName=report", database.reader())) {
                for (Connection each : List.of(first, second, third)) {
                    Jdbc.value(each, "SELECT 1");
                }
                assertThatExceptionOfType(TopologyException.class)
                        .isThrownBy(() -> database.awaitUnused(AT_ONCE))
                        .withMessageStartingWith("Connections to the database " + database.name() + " were not closed")
                        .withMessageContaining("sagaz_app through PgBouncer-RW")
                        .withMessageContaining("sagaz_reader through PgBouncer-RO")
                        .withMessageContaining("sagaz_reader at the replica-1 (report)")
                        .withMessageNotContaining(" at the primary");
            }
            database.awaitUnused(SOON);
        }
    }

    @Test
    void poolersAreLedElsewhereWithAllTestDatabases() throws SQLException {
        Faults faults = topology.faults();
        try (TestDatabase database = topology.newDatabase()) {
            String name = "SHOW cluster_name";
            assertThat(value(database, database.rwUrl(), database.app(), name)).isEqualTo("primary");
            faults.pointWritePoolerAtReplica(1);
            assertThat(value(database, database.rwUrl(), database.app(), name)).isEqualTo("replica-2");
            faults.pointWritePoolerAtPrimary();
            assertThat(value(database, database.rwUrl(), database.app(), name)).isEqualTo("primary");
        }
    }

    @Test
    void aLentTopologyIsNeitherBrokenNorClosed() throws SQLException {
        Topology lent = topology.lent();
        assertThatIllegalStateException()
                .isThrownBy(lent::faults)
                .withMessage(
                        "This topology is shared with others, so it must not be broken unasked: a test that breaks it"
                                + " takes a parameter of type Faults");
        assertThatIllegalStateException()
                .isThrownBy(lent::close)
                .withMessage("This topology is shared with others: whoever started it closes it");
        assertThat(Sql.value(lent, lent.rwUrl(), lent.app(), "SELECT 1")).isEqualTo("1");
    }

    @Test
    void theLogsAreThoseOfAllProgramsWithoutPasswords() throws SQLException {
        String password = topology.app().password();
        // A statement that fails is in the log, with all that it says.
        assertThat(Sql.stateOf(() -> Sql.execute(
                        topology, topology.primaryUrl(), topology.superuser(), "SELECT '" + password + "'::integer")))
                .isEqualTo("22P02");
        assertThat(topology.logs())
                .containsOnlyKeys("primary", "replica-1", "replica-2", "PgBouncer-RW", "PgBouncer-RO")
                .allSatisfy(
                        (who, log) -> assertThat(log).doesNotContain(password).isNotBlank());
        assertThat(topology.logs().get("primary")).contains("(hidden)");
    }

    private static String value(TestDatabase database, String url, Credentials as, String sql) throws SQLException {
        try (Connection connection = database.connect(url, as)) {
            return Jdbc.value(connection, sql);
        }
    }

    private static void execute(TestDatabase database, Credentials as, String... sql) throws SQLException {
        try (Connection connection = database.connect(database.primaryUrl(), as)) {
            Jdbc.execute(connection, sql);
        }
    }
}
