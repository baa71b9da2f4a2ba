package io.sagaz.migrations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import db.callback.HostCallback;
import io.sagaz.migrations.Lab.Database;
import io.sagaz.migrations.Lab.Route;
import io.sagaz.migrations.internal.jdbc.Connector;
import io.sagaz.migrations.internal.schema.Scripts;
import io.sagaz.testkit.Await;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TimeZone;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Lab
class MigrateIT {
    private static final String GATE =
            "SELECT pg_advisory_xact_lock(hashtextextended('io.sagaz.migrations:public', 0))";

    @ParameterizedTest
    @EnumSource
    void aNewDatabaseGetsAllTablesAndPartitions(Route route, Database database) throws SQLException {
        MigrationReport report = SagazMigrations.of(database.config(route)).migrate();

        assertThat(report.applied()).isEqualTo(Scripts.NAMES.size());
        assertThat(report.schemaVersion()).isEqualTo(Scripts.LATEST.getVersion());
        assertThat(report.partitions())
                .hasSize(5 + 5 + 9 + 5)
                .allMatch(partition -> partition.kind() == PartitionAction.Kind.CREATE);
        try (Connection owner = database.owner()) {
            assertThat(Sql.rows(
                            owner,
                            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition"
                                    + " AND relnamespace = 'public'::regnamespace ORDER BY 1"))
                    .containsExactly(
                            "consumer_inbox",
                            "partition_clock",
                            "partition_retirements",
                            "partition_settings",
                            "saga_audit_log",
                            "saga_executions",
                            "saga_idempotency_keys",
                            "saga_outbox",
                            "saga_outbox_cursors",
                            "saga_outbox_dead_letters",
                            "saga_outbox_life",
                            "saga_outbox_members",
                            "saga_outbox_parked",
                            "saga_outbox_progress",
                            "saga_outbox_relays",
                            "saga_steps",
                            "sagaz_schema_history");
            assertThat(Sql.rows(owner, "SELECT table_name, partition_count FROM get_partition_statistics()"))
                    .containsExactly("saga_executions|5", "saga_steps|5", "saga_outbox|9", "saga_audit_log|5");
            assertThat(Sql.rows(
                            owner,
                            "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'"
                                    + " AND relname = ANY (SELECT partition_name FROM sagaz_partition_plan())"))
                    .hasSize(24);
        }
        SagazMigrations.of(database.config(route)).check();
    }

    @ParameterizedTest
    @EnumSource
    void aRestartWithNothingToDoWaitsForNobody(Route route, Database database) throws SQLException {
        SagazMigrations migrations = SagazMigrations.of(database.config(route));
        migrations.migrate();
        try (Connection other = database.owner()) {
            other.setAutoCommit(false);
            Sql.run(other, GATE);
            Sql.run(other, "LOCK TABLE saga_executions, sagaz_schema_history IN EXCLUSIVE MODE");

            MigrationReport report = migrations.migrate();

            assertThat(report.applied()).isZero();
            assertThat(report.partitions()).allMatch(partition -> partition.kind() == PartitionAction.Kind.EXISTS);
        }
    }

    @ParameterizedTest
    @EnumSource
    void ofManyInstancesOneWorksAndNoneFails(Route route, Database database) throws Exception {
        List<MigrationReport> reports = Sql.together(
                12, () -> SagazMigrations.of(database.config(route)).migrate());

        assertThat(reports.stream().filter(report -> report.applied() > 0)).hasSize(1);
        assertThat(reports.stream().mapToInt(MigrationReport::applied).sum()).isEqualTo(Scripts.NAMES.size());
        assertThat(reports.stream()
                        .flatMap(report -> report.partitions().stream())
                        .filter(partition -> partition.kind() == PartitionAction.Kind.CREATE))
                .hasSize(24)
                .doesNotHaveDuplicates();
    }

    @Test
    void threeBackendsAreEnoughForAnyNumberOfInstances(Database database) throws Exception {
        database.withBackends(3, () -> {
            List<MigrationReport> reports = Sql.together(
                    20, () -> SagazMigrations.of(database.config(Route.POOLED)).migrate());

            assertThat(reports.stream().mapToInt(MigrationReport::applied).sum())
                    .isEqualTo(Scripts.NAMES.size());
            try (Connection superuser = database.superuser()) {
                assertThat(Sql.value(
                                superuser,
                                "SELECT count(*) FROM pg_stat_activity WHERE usename = 'sagaz_owner'"
                                        + " AND datname = current_database()"))
                        .isBetween("1", "3");
            }
        });
    }

    @Test
    void whoeverWaitsLeavesTheOnlyBackendToOthers(Database database) throws Exception {
        database.withBackends(1, () -> {
            ExecutorService executor = Executors.newFixedThreadPool(10);
            try (Connection gate = database.superuser();
                    Connection client =
                            database.connect(database.pooled(), database.test().owner())) {
                gate.setAutoCommit(false);
                Sql.run(gate, GATE);
                List<Future<MigrationReport>> waiting = new ArrayList<>();
                for (int i = 0; i < 10; i++) {
                    waiting.add(executor.submit(() ->
                            SagazMigrations.of(database.config(Route.POOLED)).migrate()));
                }
                for (int i = 0; i < 200; i++) {
                    assertThat(Sql.value(client, "SELECT 1")).isEqualTo("1");
                }
                assertThat(waiting).noneMatch(Future::isDone);

                database.setBackends(3);
                gate.rollback();
                int applied = 0;
                for (Future<MigrationReport> future : waiting) {
                    applied += future.get().applied();
                }
                assertThat(applied).isEqualTo(Scripts.NAMES.size());
            } finally {
                executor.shutdownNow();
            }
        });
    }

    @Test
    void waitingSurvivesLostConnections(Database database) throws Exception {
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try (Connection gate = database.superuser();
                Connection watcher = database.superuser()) {
            gate.setAutoCommit(false);
            Sql.run(gate, GATE);
            Future<MigrationReport> waiting =
                    executor.submit(() -> database.migrations().migrate());
            for (int i = 0; i < 3; i++) {
                String next = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                        + " WHERE datname = current_database() AND application_name = 'sagaz-migrations'";
                Await.until(
                        "a waiting instance is there and cut off",
                        () -> !Sql.value(watcher, next).equals("0"));
            }
            gate.rollback();

            assertThat(waiting.get().applied()).isEqualTo(Scripts.NAMES.size());
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void waitingEndsAndNamesTheOther(Database database) throws SQLException {
        try (Connection gate = database.owner()) {
            gate.setClientInfo("ApplicationName", "the-other-one");
            gate.setAutoCommit(false);
            Sql.run(gate, GATE);
            SagazMigrations migrations =
                    SagazMigrations.of(database.config(Route.DIRECT).withLockWait(Duration.ofMillis(200)));

            assertThatThrownBy(migrations::migrate)
                    .isInstanceOf(MigrationException.class)
                    .hasMessageContaining("the-other-one")
                    .hasMessageContaining("MigrationConfig.lockWait");
        }
    }

    @Test
    void nothingLeaksThroughThePooler(Database database) throws Exception {
        database.withBackends(4, () -> {
            // What PgBouncer keeps per client, and what the driver sets for itself.
            String leaked = "SELECT name || '=' || setting FROM pg_settings WHERE source = 'session' AND name NOT IN"
                    + " ('application_name', 'client_encoding', 'DateStyle', 'TimeZone', 'standard_conforming_strings',"
                    + " 'extra_float_digits')";
            AtomicBoolean over = new AtomicBoolean();
            ExecutorService executor = Executors.newSingleThreadExecutor();
            try (Connection client =
                    database.connect(database.pooled(), database.test().owner())) {
                Future<List<String>> meanwhile = executor.submit(() -> {
                    List<String> seen = new ArrayList<>();
                    while (!over.get()) {
                        seen.addAll(Sql.rows(client, leaked));
                    }
                    return seen;
                });
                MigrationConfig config = database.config(Route.POOLED);
                SagazMigrations.of(config).migrate();
                SagazMigrations.of(config.withSchema("elsewhere")).migrate();
                over.set(true);

                assertThat(meanwhile.get()).isEmpty();
                List<Connection> everyBackend = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    Connection connection =
                            database.connect(database.pooled(), database.test().owner());
                    everyBackend.add(connection);
                    connection.setAutoCommit(false);
                    assertThat(Sql.rows(connection, leaked)).isEmpty();
                }
                for (Connection connection : everyBackend) {
                    connection.close();
                }
            } finally {
                over.set(true);
                executor.shutdownNow();
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void anotherSchemaIsMadeAndUsed(Route route, Database database) throws SQLException {
        MigrationConfig config = database.config(route).withSchema("order"); // a reserved word, too
        SagazMigrations.of(config).migrate();
        SagazMigrations.of(config).check();

        try (Connection owner = database.owner()) {
            assertThat(Sql.rows(owner, "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"))
                    .isEmpty();
            Sql.run(owner, "INSERT INTO \"order\".saga_executions (saga_name, status) VALUES ('a', 'RUNNING')");
            assertThat(Sql.rows(owner, "SELECT DISTINCT action FROM \"order\".maintain_all_partitions()"))
                    .containsExactly("EXISTS");
        }
    }

    @Test
    void twoSchemasDoNotMeet(Database database) throws SQLException {
        SagazMigrations.of(database.config(Route.DIRECT).withSchema("one")).migrate();
        SagazMigrations.of(database.config(Route.DIRECT).withSchema("two")).migrate();
        try (Connection owner = database.owner()) {
            Sql.run(owner, "SET search_path = two, one");
            Sql.run(owner, "SELECT one.create_saga_outbox_partition('2031-05-06')");

            assertThat(Sql.rows(
                            owner,
                            "SELECT relnamespace::regnamespace, relname FROM pg_class"
                                    + " WHERE relname = 'saga_outbox_y2031m05d06'"))
                    .containsExactly("one|saga_outbox_y2031m05d06");
        }
    }

    @Test
    void theHostsObjectsAndItsFlywayAreLeftAlone(Database database, @TempDir Path directory) throws Exception {
        Files.writeString(directory.resolve("V1__host.sql"), "CREATE TABLE host (id int); INSERT INTO host VALUES (1)");
        Flyway host = Flyway.configure()
                .dataSource(
                        database.direct(),
                        database.test().owner().user(),
                        database.test().owner().password())
                .locations("filesystem:" + directory)
                .load();
        host.migrate();
        String history = "SELECT installed_rank, version, script, checksum, success FROM flyway_schema_history";
        try (Connection owner = database.owner()) {
            List<String> before = Sql.rows(owner, history);

            database.migrations().migrate();

            assertThat(Sql.rows(owner, history)).isEqualTo(before).hasSize(1);
            assertThat(Sql.rows(owner, "SELECT id FROM host")).containsExactly("1");
            Files.writeString(directory.resolve("V2__host.sql"), "INSERT INTO host VALUES (2)");
            assertThat(host.migrate().migrationsExecuted).isEqualTo(1);
            assertThat(database.migrations().migrate().applied()).isZero();
        }
    }

    @Test
    void theHostsCallbacksAreNotCalled(Database database) {
        int before = HostCallback.CALLS.get();

        database.migrations().migrate();

        assertThat(HostCallback.CALLS).hasValue(before);
        Flyway.configure()
                .dataSource(
                        database.direct(),
                        database.test().owner().user(),
                        database.test().owner().password())
                .load()
                .info();
        assertThat(HostCallback.CALLS).as("calls by the host's Flyway").hasValueGreaterThan(before);
    }

    @Test
    void boundsAreInUtcWhateverTheZones(Database database) throws SQLException {
        TimeZone before = TimeZone.getDefault();
        try (Connection superuser = database.superuser()) {
            Sql.run(superuser, "ALTER DATABASE " + database.test().name() + " SET timezone = 'Pacific/Kiritimati'");
            TimeZone.setDefault(TimeZone.getTimeZone("America/Sao_Paulo"));
            database.migrations().migrate();
            Sql.run(superuser, "SET timezone = 'Asia/Kathmandu'");
            Sql.run(superuser, "SELECT create_saga_outbox_partition('2031-05-06')");
            Sql.run(superuser, "SET timezone = 'UTC'");

            assertThat(Sql.rows(
                            superuser,
                            "SELECT pg_get_expr(relpartbound, oid) FROM pg_class"
                                    + " WHERE relispartition AND relkind = 'r'"))
                    .hasSize(25)
                    .allMatch(bound -> bound.matches(
                            "FOR VALUES FROM \\('[-\\d]{10} 00:00:00\\+00'\\) TO \\('[-\\d]{10} 00:00:00\\+00'\\)"));
            assertThat(Sql.value(
                            superuser,
                            "SELECT pg_get_expr(relpartbound, oid) FROM pg_class"
                                    + " WHERE relname = 'saga_outbox_y2031m05d06'"))
                    .isEqualTo("FOR VALUES FROM ('2031-05-06 00:00:00+00') TO ('2031-05-07 00:00:00+00')");
        } finally {
            TimeZone.setDefault(before);
        }
    }

    @Test
    void anErrorSaysWhatToDoAndKeepsThePassword(Database database) {
        SagazMigrations migrations =
                SagazMigrations.of(MigrationConfig.of(database.direct(), "sagaz_owner", "not-the-password"));

        assertThatThrownBy(migrations::migrate)
                .isInstanceOfSatisfying(
                        MigrationException.class, e -> assertThat(e.sqlState()).hasValue("28P01"))
                .hasMessageContaining("28P01")
                .hasMessageContaining("Check user and password")
                .hasMessageNotContaining("not-the-password");
    }

    @Test
    void withoutRightsTheErrorSaysSo(Database database) {
        SagazMigrations migrations = SagazMigrations.of(MigrationConfig.of(
                database.direct(), "sagaz_app", database.test().app().password()));

        assertThatThrownBy(migrations::migrate)
                .isInstanceOf(MigrationException.class)
                .hasMessageContaining("sagaz_app")
                .hasMessageContaining("owner of the schema");
    }

    @Test
    void aReplicaIsRefusedWithAHint(Database database) {
        String replica = database.test().replicaUrl(0);
        database.test().awaitReplicas(Duration.ofSeconds(30));
        SagazMigrations migrations = SagazMigrations.of(MigrationConfig.of(
                replica, "sagaz_owner", database.test().owner().password()));

        assertThatThrownBy(migrations::migrate)
                .isInstanceOf(MigrationException.class)
                .hasMessageContaining("URL of the primary");
    }

    @Test
    void preparedStatementsBehindAPoolerAreRefused(Database database) {
        MigrationConfig config = database.config(Route.POOLED);
        MigrationConfig unsafe = MigrationConfig.of(
                config.url().replace("prepareThreshold=0", "prepareThreshold=5"), config.user(), config.password());

        assertThatThrownBy(() -> SagazMigrations.of(unsafe).migrate())
                .isInstanceOf(MigrationException.class)
                .hasMessageContaining("prepareThreshold=0");
    }

    @Test
    void aPoolerIsRecognised(Database database) throws SQLException {
        Connector direct = new Connector(database.config(Route.DIRECT));
        Connector pooled = new Connector(database.config(Route.POOLED));
        for (int i = 0; i < 20; i++) {
            try (Connection a = direct.open();
                    Connection b = pooled.open()) {
                assertThat(Connector.isPooled(a)).isFalse();
                assertThat(Connector.isPooled(b)).isTrue();
            }
        }
    }

    @Test
    void aPartitionIsTriedAgainWhenALockWasInTheWay(Database database) throws Exception {
        SagazMigrations migrations = database.migrations();
        migrations.migrate();
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try (Connection holder = database.owner();
                Connection watcher = database.superuser()) {
            Sql.run(holder, "DROP TABLE " + tomorrow(holder));
            holder.setAutoCommit(false);
            Sql.run(holder, "LOCK TABLE saga_outbox IN SHARE UPDATE EXCLUSIVE MODE");
            Future<MigrationReport> running = executor.submit(migrations::migrate);
            // It has been refused at least once when its next try waits: refusals take one second each.
            String refused = "SELECT xact_rollback FROM pg_stat_database WHERE datname = current_database()";
            long before = Long.parseLong(Sql.value(watcher, refused));
            Await.until("a refusal", () -> Long.parseLong(Sql.value(watcher, refused)) > before + 2);
            holder.rollback();

            assertThat(running.get().partitions())
                    .filteredOn(partition -> partition.kind() == PartitionAction.Kind.CREATE)
                    .hasSize(1);
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void aPartitionThatIsNotNeededYetKeepsNoStoreFromStarting(Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection holder = database.owner()) {
            Sql.run(holder, "UPDATE partition_settings SET ahead = 8 WHERE table_name = 'saga_outbox'");
            holder.setAutoCommit(false);
            Sql.run(holder, "LOCK TABLE saga_outbox IN SHARE UPDATE EXCLUSIVE MODE");

            assertThat(database.migrations().migrate().partitions())
                    .hasSize(24)
                    .allMatch(partition -> partition.kind() == PartitionAction.Kind.EXISTS);
            holder.rollback();
            assertThat(database.migrations().migrate().partitions())
                    .filteredOn(partition -> partition.kind() == PartitionAction.Kind.CREATE)
                    .hasSize(1);
        }
    }

    private static String tomorrow(Connection connection) throws SQLException {
        return Sql.value(
                connection,
                "SELECT max(partition_name) FROM sagaz_partition_plan() WHERE needed AND table_name = 'saga_outbox'");
    }
}
