package io.sagaz.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sagaz.cli.CliRun;
import io.sagaz.cli.Json;
import io.sagaz.cli.Ward;
import io.sagaz.testkit.Credentials;
import io.sagaz.testkit.Faults;
import io.sagaz.testkit.Topology;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each finding is provoked on real servers, which are mended again: then nothing is found any more. */
class DoctorIT {
    private static final String AS_IT_WAS = "--held-for=15min";

    private static Ward ward;
    private static Topology topology;
    private static Faults faults;

    @BeforeAll
    static void start() throws SQLException {
        ward = Ward.start(Topology.builder().replicas(2));
        topology = ward.topology();
        faults = topology.faults();
    }

    @AfterAll
    static void stop() {
        ward.close();
    }

    @AfterEach
    void whatIsMendedIsSilent() throws SQLException {
        ward.keepPreparedStatementsApart();

        CliRun run = ward.asService().run("doctor", AS_IT_WAS);

        assertThat(run.lines()).as(run.words()).hasSize(1);
        assertThat(run.lines().get(0))
                .startsWith("✓ Nothing is wrong with primary, rw, replica-1, replica-2, ro, PgBouncer-RW")
                .doesNotContain("not looked at");
        assertThat(run.words()).isEmpty();
        assertThat(run.status()).isZero();
    }

    @Test
    void aHealthyTopologyIsOneDocumentWithoutFindings() {
        CliRun run = ward.asService().run("doctor", "--json");

        assertThat(run.json()).containsEntry("healthy", true).containsEntry("worst", "NONE");
        assertThat(run.json().get("findings")).isEqualTo(List.of());
        assertThat(run.json().get("notLookedAt")).isEqualTo(List.of());
        assertThat(run.status()).isZero();
    }

    @Test
    void whatNobodyGaveAWayToIsSaid() {
        CliRun run = ward.asService()
                .without("SAGAZ_REPLICA_URLS")
                .without("SAGAZ_PGBOUNCER_URLS")
                .without("SAGAZ_PRIMARY_URL")
                .run("doctor");

        assertThat(run.lines())
                .singleElement()
                .asString()
                .contains(
                        "not looked at: primary (--primary-url), replicas (--replica-url), poolers (--pgbouncer-url)");
        assertThat(run.status()).isZero();
    }

    @Test
    void aStoppedReplicaIsUnreachableAndItsSlotInactive() throws SQLException {
        faults.stopReplica(1);
        try {
            Found found = found();

            found.has(Id.SERVER_UNREACHABLE, Severity.CRITICAL, "replica-2 at " + topology.replicaUrl(1));
            found.has(Id.SLOT_INACTIVE, Severity.WARNING, "physical slot replica_2");
            assertThat(found.status()).isEqualTo(1);
            assertThat(ward.asService().run("doctor").lines())
                    .anyMatch(line -> line.startsWith("CRITICAL server.unreachable  replica-2"))
                    .anyMatch(line -> line.contains("SELECT pg_drop_replication_slot('replica_2')"));
        } finally {
            faults.startReplica(1);
            topology.awaitReplicas(Duration.ofMinutes(1));
        }
    }

    @Test
    void aReplicaThatIsCutDoesNotStream() throws SQLException {
        faults.cutReplica(0);
        try {
            Found found = found();

            found.has(Id.REPLICA_NOT_STREAMING, Severity.CRITICAL, "replica-1");
            found.has(Id.SLOT_INACTIVE, Severity.WARNING, "physical slot replica_1");
        } finally {
            faults.followPrimary(0);
            topology.awaitReplicas(Duration.ofMinutes(1));
        }
    }

    @Test
    void aPausedReplayIsNamed() {
        faults.pauseReplay(0);
        try {
            Found found = found();

            found.has(Id.REPLAY_PAUSED, Severity.WARNING, "replica-1");
            assertThat(found.status()).isEqualTo(3);
        } finally {
            faults.resumeReplay(0);
        }
    }

    @Test
    void aReplicaThatReplaysLateIsBehind() throws SQLException {
        faults.delayReplay(0, Duration.ofHours(1));
        try {
            ward.owner("CREATE TABLE much AS SELECT repeat('x', 1000) FROM generate_series(1, 1000)");
            ward.await(
                    topology.replicaUrl(0),
                    "SELECT clock_timestamp() - pg_last_xact_replay_timestamp() > interval '2 seconds'",
                    "t");

            found("--lag", "1s").has(Id.REPLICA_BEHIND, Severity.WARNING, "replica-1");
        } finally {
            faults.replayAtOnce(0);
            ward.owner("DROP TABLE much");
        }
    }

    @Test
    void aWritePoolerThatLeadsToAReplicaIsNamed() {
        faults.pointWritePoolerAtReplica(0);
        try {
            found().has(Id.PRIMARY_IS_STANDBY, Severity.CRITICAL, "rw at");
        } finally {
            faults.pointWritePoolerAtPrimary();
        }
    }

    @Test
    void aReadPoolerThatLeadsToThePrimaryIsNamed() {
        faults.pointReadPoolerAtPrimary();
        faults.restartReadPooler();
        try {
            found().has(Id.REPLICA_IS_PRIMARY, Severity.CRITICAL, "ro at");
        } finally {
            faults.pointReadPoolerAt(0, 1);
            faults.restartReadPooler();
        }
    }

    @Test
    void aWayToThePrimaryThroughThePoolerIsNamed() {
        Found found = found(ward.asService().with("SAGAZ_PRIMARY_URL", topology.rwUrl()));

        found.has(Id.PRIMARY_IS_POOLED, Severity.WARNING, "primary at");
    }

    @Test
    void aServerOfAnotherClusterIsNamed() throws SQLException {
        try (Topology other = Topology.builder().start()) {
            Credentials app = topology.app();
            ward.execute(
                    other.primaryUrl(),
                    other.superuser(),
                    "ALTER ROLE " + app.user() + " PASSWORD '" + app.password() + "'");

            Found found = found(ward.asService().with("SAGAZ_REPLICA_URLS", other.primaryUrl()));

            found.has(Id.CLUSTER_DIFFERS, Severity.CRITICAL, "replica-1");
        }
    }

    @Test
    void aSlotWhoseLogIsGoneIsNamed() throws SQLException {
        ward.superuser("SELECT pg_create_physical_replication_slot('forgotten', true)");
        try {
            ward.superuser(
                    "ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'",
                    "ALTER SYSTEM SET wal_keep_size = 0",
                    "SELECT pg_reload_conf()");
            for (int segment = 0; segment < 4; segment++) {
                ward.superuser("SELECT pg_logical_emit_message(false, 'fill', 'x')", "SELECT pg_switch_wal()");
                topology.awaitReplicas(Duration.ofMinutes(1));
            }
            ward.superuser("CHECKPOINT");
            ward.await(
                    topology.primaryUrl(),
                    "SELECT wal_status FROM pg_replication_slots WHERE slot_name = 'forgotten'",
                    "lost");

            found().has(Id.SLOT_LOST, Severity.CRITICAL, "physical slot forgotten");
        } finally {
            ward.superuser(
                    "SELECT pg_drop_replication_slot('forgotten')",
                    "ALTER SYSTEM RESET wal_keep_size",
                    "ALTER SYSTEM SET max_slot_wal_keep_size = '10GB'",
                    "SELECT pg_reload_conf()");
            topology.awaitReplicas(Duration.ofMinutes(1));
        }
    }

    @Test
    void aPoolerThatIsDownIsNamedByItsWayAndItsConsole() {
        faults.killReadPooler();
        try {
            Found found = found();

            found.has(Id.SERVER_UNREACHABLE, Severity.CRITICAL, "ro at");
            found.has(Id.POOLER_UNREACHABLE, Severity.WARNING, "PgBouncer-RO");
        } finally {
            faults.startReadPooler();
        }
    }

    @Test
    void anExhaustedPoolIsNamedWithItsWaitingClients() throws Exception {
        List<Connection> holding = new ArrayList<>();
        Thread waiting = new Thread(DoctorIT::waitForAConnection, "waiting");
        try {
            for (int i = 0; i < 25; i++) {
                Connection connection = topology.connect(topology.rwUrl(), topology.owner());
                holding.add(connection);
                connection.setAutoCommit(false);
                try (Statement statement = connection.createStatement()) {
                    statement.execute("SELECT 1");
                }
            }
            waiting.start();
            awaitLongWait();

            Found found = found();

            found.has(Id.POOL_EXHAUSTED, Severity.CRITICAL, "sagaz as sagaz_owner of PgBouncer-RW");
            assertThat(found.text(Id.POOL_EXHAUSTED, "what")).contains("25 of 25 server connections are in use");
        } finally {
            for (Connection connection : holding) {
                connection.close();
            }
            waiting.interrupt();
            waiting.join();
        }
    }

    /** The pooler turns it away in the end; then it comes again. */
    private static void waitForAConnection() {
        while (!Thread.currentThread().isInterrupted()) {
            try (Connection connection = topology.connect(topology.rwUrl(), topology.owner());
                    Statement statement = connection.createStatement()) {
                statement.execute("SELECT 1");
                return;
            } catch (SQLException e) {
                LockSupport.parkNanos(1_000_000);
            }
        }
    }

    private static void awaitLongWait() {
        long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (longestWait() < 1_500) {
            assertThat(System.nanoTime()).as("somebody waits").isLessThan(end);
            LockSupport.parkNanos(20_000_000);
        }
    }

    private static double longestWait() {
        Map<String, Object> status =
                ward.asService().run("status", "--pool", "--json").json();
        return Json.list(status, "poolers").stream()
                .flatMap(pooler -> Json.list(pooler, "pools").stream())
                .mapToDouble(pool -> Json.number(pool, "longestWaitMillis"))
                .max()
                .orElse(0);
    }

    @Test
    void aPausedPoolIsNamed() throws SQLException {
        ward.command(topology.roUrl(), "PAUSE sagaz");
        try {
            found(ward.asService().without("SAGAZ_ANALYTICS_URL"))
                    .has(Id.POOL_PAUSED, Severity.CRITICAL, "sagaz of PgBouncer");
        } finally {
            ward.command(topology.roUrl(), "RESUME sagaz");
        }
    }

    @Test
    void wrongPoolModesAreNamed() throws SQLException {
        ward.command(topology.rwUrl(), "SET pool_mode = 'session'");
        ward.command(topology.roUrl(), "SET pool_mode = 'transaction'");
        try {
            Found found = found();

            found.has(Id.POOL_MODE, Severity.WARNING, "PgBouncer-RW");
            found.has(Id.POOL_MODE, Severity.CRITICAL, "PgBouncer-RO");
        } finally {
            ward.command(topology.rwUrl(), "RELOAD");
            ward.command(topology.roUrl(), "RELOAD");
        }
    }

    @Test
    void aPoolerThatServesNobodyKnownIsNotTakenForFine() {
        Found found = found(
                ward.asService().with("SAGAZ_STORAGE_URL", topology.rwUrl().replace("127.0.0.1", "localhost")));

        found.has(Id.POOL_ROLE_UNKNOWN, Severity.UNKNOWN, "PgBouncer at");
        assertThat(found.status()).isEqualTo(3);
    }

    @Test
    void preparedStatementsThatAPoolerMixesUpAreNamed() throws SQLException {
        assumeTrue(
                ward.canKeepPreparedStatementsApart(),
                () -> "PgBouncer " + topology.sources().pgbouncerVersion()
                        + " has no max_prepared_statements: SAGAZ_TESTKIT_PGBOUNCER names another");
        ward.command(topology.rwUrl(), "SET max_prepared_statements = 0");
        try {
            found().has(Id.POOL_PREPARED_STATEMENTS, Severity.WARNING, "PgBouncer-RW");
        } finally {
            ward.keepPreparedStatementsApart();
        }
    }

    @Test
    void partitionsThatAreMissingAheadAreNamed() throws SQLException {
        for (String partition : ward.values("SELECT partition_name FROM sagaz_partitions()"
                + " WHERE table_name = 'saga_outbox' AND partition_start > now()")) {
            ward.owner("DROP TABLE " + partition);
        }
        try {
            Found found = found();

            found.has(Id.PARTITION_MISSING, Severity.CRITICAL, "saga_outbox");
            assertThat(found.ids()).containsExactly(Id.PARTITION_MISSING.text());
        } finally {
            maintain();
        }
    }

    @Test
    void partitionsThatAreKeptPastTheirTimeAreNamedWithTheReason() throws SQLException {
        String saga = oldSaga("RUNNING");
        try {
            Found found = found();

            found.has(Id.PARTITION_KEPT, Severity.WARNING, "saga_executions_y");
            assertThat(found.text(Id.PARTITION_KEPT, "what")).contains("unfinished saga");
        } finally {
            ward.owner("UPDATE saga_executions SET status = 'FAILED' WHERE saga_id = '" + saga + "'");
            maintain();
        }
    }

    @Test
    void expiredPartitionsThatNobodyTakesAwayAreNamed() throws SQLException {
        oldSaga("SUCCESS");
        try {
            found().has(Id.PARTITION_OVERDUE, Severity.WARNING, "saga_executions_y");
        } finally {
            maintain();
        }
    }

    @Test
    void partitionsThatCannotBeMadeAreNamed() throws SQLException {
        String last = ward.values("SELECT max(partition_name) FROM sagaz_partitions() WHERE table_name = 'saga_outbox'")
                .get(0);
        ward.owner("DROP TABLE " + last, "CREATE TABLE " + last + " ()");
        try {
            found().has(Id.PARTITION_FAILING, Severity.CRITICAL, last);
        } finally {
            ward.owner("DROP TABLE " + last);
            maintain();
        }
    }

    @Test
    void aTimeThatIsInDoubtIsNamed() throws SQLException {
        maintain();
        ward.owner("UPDATE partition_clock SET seen_at = now() - interval '9 days', doubted_at = NULL");
        try {
            found().has(Id.PARTITION_TIME_IN_DOUBT, Severity.WARNING, "the partitions");
        } finally {
            ward.owner("UPDATE partition_clock SET seen_at = now(), doubted_at = NULL");
        }
    }

    @Test
    void aSessionThatHoldsVacuumBackIsNamed() throws SQLException {
        try (Connection old = topology.connect(topology.primaryUrl(), topology.owner());
                Statement statement = old.createStatement()) {
            old.setClientInfo("ApplicationName", "a-long-report");
            old.setAutoCommit(false);
            statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
            statement.execute("SELECT 1");
            ward.await(
                    topology.primaryUrl(),
                    "SELECT clock_timestamp() - xact_start > interval '1 second' FROM pg_stat_activity"
                            + " WHERE application_name = 'a-long-report'",
                    "t");

            Found found = found("--held-for", "1s");

            found.has(Id.HORIZON_HELD, Severity.WARNING, "a-long-report");
            old.rollback();
        }
    }

    @Test
    void clocksThatAreApartAreNamed() {
        for (Duration apart : List.of(Duration.ofSeconds(30), Duration.ofMinutes(-10))) {
            Found found = found(ward.asService().at(Clock.offset(Clock.systemUTC(), apart)));

            found.has(
                    Id.CLOCK_APART,
                    apart.isNegative() ? Severity.CRITICAL : Severity.WARNING,
                    topology.primaryUrl().replaceFirst(".*//([^/]*)/.*", "$1"));
        }
    }

    @Test
    void unsafeServerSettingsAreNamed() throws SQLException {
        ward.superuser(
                "ALTER SYSTEM SET fsync = off",
                "ALTER SYSTEM SET full_page_writes = off",
                "ALTER SYSTEM SET synchronous_commit = off",
                "ALTER SYSTEM SET autovacuum = off",
                "ALTER SYSTEM SET max_slot_wal_keep_size = -1",
                "ALTER SYSTEM SET idle_in_transaction_session_timeout = 0",
                "SELECT pg_reload_conf()");
        try {
            ward.await(topology.primaryUrl(), "SHOW fsync", "off");
            ward.await(topology.primaryUrl(), "SHOW idle_in_transaction_session_timeout", "0");

            Found found = found();

            found.has(Id.SETTING_FSYNC, Severity.CRITICAL, "");
            found.has(Id.SETTING_FULL_PAGE_WRITES, Severity.CRITICAL, "");
            found.has(Id.SETTING_SYNCHRONOUS_COMMIT, Severity.WARNING, "");
            found.has(Id.SETTING_AUTOVACUUM, Severity.WARNING, "");
            found.has(Id.SETTING_SLOT_WAL_UNLIMITED, Severity.WARNING, "");
            found.has(Id.SETTING_IDLE_IN_TRANSACTION, Severity.WARNING, "");
            assertThat(found("--accept", "setting.fsync", "--accept", "setting.full-page-writes")
                            .status())
                    .isEqualTo(3);
        } finally {
            ward.superuser(
                    "ALTER SYSTEM RESET fsync",
                    "ALTER SYSTEM RESET full_page_writes",
                    "ALTER SYSTEM RESET synchronous_commit",
                    "ALTER SYSTEM RESET autovacuum",
                    "ALTER SYSTEM SET max_slot_wal_keep_size = '10GB'",
                    "ALTER SYSTEM SET idle_in_transaction_session_timeout = '10min'",
                    "SELECT pg_reload_conf()");
            ward.await(topology.primaryUrl(), "SHOW fsync", "on");
            ward.await(topology.primaryUrl(), "SHOW idle_in_transaction_session_timeout", "10min");
        }
    }

    @Test
    void unsafeDriverSettingsAreNamed() {
        Found found = found(ward.asService()
                .with("SAGAZ_STORAGE_URL", topology.rwUrl().replaceFirst("\\?.*", ""))
                .with("SAGAZ_ANALYTICS_URL", topology.roUrl() + "?socketTimeout=0"));

        found.has(Id.DRIVER_PREPARED_STATEMENTS, Severity.CRITICAL, "rw at");
        found.has(Id.DRIVER_SOCKET_TIMEOUT, Severity.WARNING, "ro at");
        found.has(Id.LOOK_INCOMPLETE, Severity.UNKNOWN, "the sizes of partitions");
    }

    @Test
    void aSchemaOutOfStepIsNamed() throws SQLException {
        found(ward.asService().with("SAGAZ_SCHEMA", "nothing_here"))
                .has(Id.SCHEMA_OUT_OF_STEP, Severity.CRITICAL, "the schema");
        ward.owner("UPDATE sagaz_schema_history SET version = '2.1' WHERE version = '1.1'");
        try {
            Found found = found();

            found.has(Id.SCHEMA_OUT_OF_STEP, Severity.CRITICAL, "the schema");
            assertThat(found.text(Id.SCHEMA_OUT_OF_STEP, "what")).contains("made by a newer Sagaz");
        } finally {
            ward.owner("UPDATE sagaz_schema_history SET version = '1.1' WHERE version = '2.1'");
        }
    }

    @Test
    void anOutboxThatDoesNotFlowIsNamed() throws SQLException {
        ward.owner("INSERT INTO saga_outbox (topic, payload) VALUES ('orders', '{}')");
        try {
            found().has(Id.OUTBOX_NO_RELAY, Severity.WARNING, "the outbox");

            ward.owner(
                    "INSERT INTO saga_outbox_relays (relay_name, last_seen_at) VALUES ('kafka', now() - interval '1 hour')",
                    "INSERT INTO saga_outbox_dead_letters (relay_name, event_id, created_at, seq, shard, attempts)"
                            + " SELECT 'kafka', event_id, created_at, seq, shard, 1 FROM saga_outbox");
            Found found = found();

            found.has(Id.OUTBOX_RELAY_GONE, Severity.WARNING, "relay kafka");
            found.has(Id.OUTBOX_DEAD_LETTERS, Severity.WARNING, "relay kafka");
        } finally {
            ward.owner("DELETE FROM saga_outbox_relays", "DELETE FROM saga_outbox");
        }
    }

    @Test
    void whatTheRoleMayNotSeeIsNotTakenForFine() throws SQLException {
        ward.superuser("REVOKE pg_monitor FROM sagaz_app");
        try {
            Found found = found();

            assertThat(found.ids()).containsOnly(Id.LOOK_INCOMPLETE.text());
            found.has(Id.LOOK_INCOMPLETE, Severity.UNKNOWN, "who streams, what the WAL receiver does");
            found.has(Id.LOOK_INCOMPLETE, Severity.UNKNOWN, "which sessions and standbys hold vacuum back");
            assertThat(found.status()).isEqualTo(3);
        } finally {
            ward.superuser("GRANT pg_monitor TO sagaz_app");
        }
    }

    @Test
    void aPasswordThatIsRefusedIsNamedByRoleAndSettingWithWhatHelps(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("password"), "nicht-richtig\n");

        CliRun run = ward.asService().run("doctor", "--password-file", file.toString());

        assertThat(run.lines())
                .contains(
                        "  No session: the role sagaz_app with the password from --password-file " + file
                                + " is refused (28P01).",
                        "  → Put the password of sagaz_app into --password-file " + file
                                + ", or give sagaz_app that one: ALTER ROLE sagaz_app PASSWORD '…'.")
                .noneMatch(line -> line.contains("GRANT pg_monitor"));
        assertThat(run.output() + run.words()).doesNotContain("nicht-richtig");
        assertThat(run.status()).isEqualTo(1);
    }

    @Test
    void aConsoleThatRefusesThePasswordNamesItsOwnRoleAndSetting() {
        CliRun run = ward.asService()
                .with("SAGAZ_PGBOUNCER_PASSWORD", "nicht-richtig")
                .run("doctor");

        assertThat(run.output())
                .contains("pooler.unreachable", "postgres with the password from SAGAZ_PGBOUNCER_PASSWORD")
                .contains("Put the password of postgres into SAGAZ_PGBOUNCER_PASSWORD")
                .doesNotContain("nicht-richtig");
        assertThat(run.status()).isEqualTo(3);
    }

    @Test
    void anIdThatIsNoneIsRefused() {
        CliRun run = ward.asService().run("doctor", "--accept", "everything");

        assertThat(run.words()).contains("--accept must be the id of a finding").contains("but is everything");
        assertThat(run.status()).isEqualTo(2);
    }

    private static void maintain() {
        assertThat(ward.asOwner().run("partition", "maintain"))
                .extracting(CliRun::status)
                .isEqualTo(0);
    }

    private static String oldSaga(String status) throws SQLException {
        String time = "date_trunc('milliseconds', now() - interval '20 months')";
        ward.owner("SELECT create_saga_executions_partition((now() - interval '20 months')::date)");
        ward.owner(
                "INSERT INTO saga_executions (saga_id, created_at, saga_name, status) SELECT sagaz_uuid7(t), t, 'old', '"
                        + status + "' FROM (SELECT " + time + " AS t) x");
        return ward.values("SELECT saga_id FROM saga_executions WHERE saga_name = 'old' ORDER BY saga_id DESC LIMIT 1")
                .get(0);
    }

    private static Found found(String... arguments) {
        return found(ward.asService(), arguments);
    }

    private static Found found(CliRun.Place place, String... arguments) {
        List<String> all = new ArrayList<>(List.of("doctor", "--json"));
        all.addAll(List.of(arguments));
        CliRun run = place.run(all.toArray(String[]::new));
        assertThat(run.status()).as(run.words()).isIn(1, 3);
        return Found.of(run);
    }
}
