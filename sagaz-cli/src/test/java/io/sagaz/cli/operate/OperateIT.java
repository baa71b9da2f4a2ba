package io.sagaz.cli.operate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.LIST;

import io.sagaz.cli.CliRun;
import io.sagaz.cli.Json;
import io.sagaz.cli.Ward;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.StepStatus;
import io.sagaz.storage.postgres.MigrationMode;
import io.sagaz.storage.postgres.PartitionPolicy;
import io.sagaz.storage.postgres.PoolConfig;
import io.sagaz.storage.postgres.RoutingSagaStore;
import io.sagaz.testkit.Topology;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The commands about a running deployment, on one. */
class OperateIT {
    private static Ward ward;
    private static Topology topology;

    @BeforeAll
    static void start() throws SQLException {
        ward = Ward.start(Topology.builder().replicas(2));
        topology = ward.topology();
    }

    @AfterAll
    static void stop() {
        ward.close();
    }

    private static CliRun service(String... arguments) {
        CliRun run = ward.asService().run(arguments);
        assertThat(run.status()).as(run.toString()).isZero();
        return run;
    }

    private static CliRun owner(String... arguments) {
        CliRun run = ward.asOwner().run(arguments);
        assertThat(run.status()).as(run.toString()).isZero();
        return run;
    }

    private static RoutingSagaStore store() {
        return RoutingSagaStore.builder()
                .write(PoolConfig.of(
                        topology.rwUrl(), topology.app().user(), topology.app().password()))
                .migrations(MigrationMode.OFF)
                .partitions(PartitionPolicy.leftToOthers())
                .build();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "migrate --wait 0 | --wait must be from 1 to 3600, but is 0",
                "partition create --table orders --range 2027-01:2027-02 | --table must be saga_executions",
                "partition create --table saga_outbox | Missing required option: '--range=FIRST:LAST'",
                "partition create --table saga_outbox --range 2027 | Invalid value for option '--range'",
                "partition create --table saga_outbox --range 2027-01-01:2029-01-01 | more than 400 partitions",
                "partition cleanup --older-than 12 | Invalid value for option '--older-than'",
                "partition cleanup --older-than 12m --table consumer_inbox | --table must be saga_executions",
                "partition list --table orders | --table must be saga_executions, saga_steps, saga_outbox",
                "status --watch --json | --watch and --json do not go together",
                "status --watch 0 | --watch must be from 1 to 3600, but is 0",
                "sagas show 42 | ID: SagaId must be a UUID but is \"42\"",
                "sagas list --limit 0 | --limit must be from 1 to 1000, but is 0",
                "sagas list --status DONE | Invalid value for option '--status'",
                "sagas list --after ?? | --after must be what the page before has told, but is ??",
                "sagas list --since tomorrow | Invalid value for option '--since'",
                "dlq show 42 | EVENT must be the identifier of an event, a UUID of 36 characters, but is 42",
                "dlq replay | Say which: an EVENT, --topic",
                "dlq replay --all --topic orders | Say which in one way",
                "dlq replay --all --limit 0 | --limit must be at least 1, but is 0",
                "dlq purge --all | add --yes",
                "doctor --held-transactions 0 | --held-transactions must be at least 1, but is 0",
                "doctor --lag 5m | Invalid value for option '--lag'",
            })
    void mistakesAreNamedAndNothingIsDone(String arguments, String message) {
        CliRun run = ward.asOwner().run(arguments.split(" ", -1));

        assertThat(run.words()).contains(message).contains("--help");
        assertThat(run.output()).isEmpty();
        assertThat(run.status()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({"status", "doctor", "migrate", "partition list", "sagas list", "outbox depth", "dlq list"})
    void theHelpNamesTheExitStatuses(String command) {
        CliRun run = ward.asService().run((command + " --help").split(" ", -1));

        assertThat(run.output()).contains("Exit status:", "--json", "--rw-url", "SAGAZ_STORAGE_URL");
        assertThat(run.status()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "migrate --check",
        "partition list",
        "partition maintain",
        "sagas list",
        "outbox depth",
        "dlq list --relay kafka",
    })
    void aServerThatIsNotThereIsOneErrorWithoutASecret(String command) {
        CliRun.Place nowhere = ward.asService()
                .with("SAGAZ_STORAGE_URL", "jdbc:postgresql://127.0.0.1:1/sagaz?prepareThreshold=0")
                .without("SAGAZ_PRIMARY_URL")
                .without("SAGAZ_ANALYTICS_URL");

        CliRun run = nowhere.run(command.split(" ", -1));
        CliRun document = nowhere.run((command + " --json").split(" ", -1));

        assertThat(run.status()).isEqualTo(1);
        assertThat(run.output()).isEmpty();
        assertThat(run.words())
                .contains("127.0.0.1:1")
                .doesNotContain(topology.app().password(), "\tat ");
        assertThat(document.status()).isEqualTo(1);
        assertThat(document.json().toString()).contains("127.0.0.1:1");
    }

    @Test
    void aWrongPasswordIsSaidAndNotShown() {
        CliRun run = ward.asService().with("SAGAZ_DB_PASSWORD", "nicht-richtig").run("sagas", "list");

        assertThat(run.words()).contains("sagaz_app").doesNotContain("nicht-richtig");
        assertThat(run.status()).isEqualTo(1);
    }

    @Nested
    class MigrateIT {
        @Test
        void aSchemaIsMadeOnceAndFitsThen() throws SQLException {
            ward.superuser("CREATE SCHEMA shop AUTHORIZATION sagaz_owner");
            try {
                CliRun missing = ward.asOwner().run("migrate", "--check", "--schema", "shop");
                CliRun missingDocument = ward.asOwner().run("migrate", "--check", "--json", "--schema", "shop");

                assertThat(missing.status()).isEqualTo(1);
                assertThat(missing.words()).contains("is missing").contains("migrate");
                assertThat(missingDocument.status()).isEqualTo(1);
                assertThat(missingDocument.json()).containsEntry("fits", false).containsEntry("state", "MISSING");

                Map<String, Object> made =
                        owner("migrate", "--json", "--schema", "shop").json();
                CliRun again = owner("migrate", "--schema", "shop");

                assertThat(Json.number(made, "applied")).isPositive();
                assertThat(made.get("createdPartitions")).asInstanceOf(LIST).isNotEmpty();
                assertThat(again.output()).contains("0 migrations applied, 0 partitions made");
                assertThat(owner("migrate", "--check", "--schema", "shop").output())
                        .contains("fits this version");
                assertThat(owner("migrate", "--check", "--json", "--schema", "shop")
                                .json())
                        .containsEntry("fits", true)
                        .containsEntry("state", "CURRENT");
            } finally {
                ward.superuser("DROP SCHEMA shop CASCADE");
            }
        }

        @Test
        void aRoleWithoutANameIsRefused() {
            CliRun run = ward.asOwner().run("migrate", "--writer", " ");

            assertThat(run.words()).contains("--writer and --reader must name a role");
            assertThat(run.status()).isEqualTo(2);
        }

        @Test
        void rolesThatLackRightsAreNamedAndGetThem() throws SQLException {
            ward.superuser("CREATE ROLE newcomer LOGIN");
            try {
                CliRun lacking = ward.asOwner().run("migrate", "--check", "--writer", "newcomer");

                assertThat(lacking.status()).isEqualTo(1);
                assertThat(lacking.words()).contains("newcomer").contains("lack rights");
                owner("migrate", "--writer", "newcomer");
                owner("migrate", "--check", "--writer", "newcomer");
            } finally {
                ward.superuser("DROP OWNED BY newcomer", "DROP ROLE newcomer");
            }
        }
    }

    @Nested
    class PartitionIT {
        @Test
        void partitionsAreListedWithTheirBounds() {
            List<Map<String, Object>> all =
                    Json.list(service("partition", "list", "--json").json(), "partitions");
            CliRun ofOutbox = service("partition", "list", "--table", "saga_outbox");

            assertThat(all)
                    .extracting(partition -> partition.get("table"))
                    .contains("saga_executions", "saga_steps", "saga_outbox", "saga_audit_log");
            assertThat(all)
                    .allSatisfy(partition -> assertThat(partition)
                            .containsEntry("state", "ATTACHED")
                            .containsKeys("partition", "from", "before", "estimatedRows", "bytes"));
            assertThat(ofOutbox.lines().get(0)).contains("PARTITION", "FROM (UTC)", "SIZE");
            assertThat(ofOutbox.lines().subList(1, ofOutbox.lines().size()))
                    .isNotEmpty()
                    .allMatch(line -> line.startsWith("saga_outbox_y"));
        }

        @Test
        void aRangeIsMadeOnce() throws SQLException {
            CliRun made =
                    owner("partition", "create", "--table", "saga_executions", "--range", "2041-01:2041-02", "--json");
            CliRun again = owner("partition", "create", "--table", "saga_executions", "--range", "2041-01:2041-02");

            assertThat(Json.list(made.json(), "actions"))
                    .extracting(action -> action.get("action") + " " + action.get("partition"))
                    .containsExactly(
                            "CREATE saga_executions_y2041m01",
                            "CREATE saga_steps_y2041m01",
                            "CREATE saga_executions_y2041m02",
                            "CREATE saga_steps_y2041m02");
            assertThat(again.lines())
                    .filteredOn(line -> line.startsWith("EXISTS"))
                    .hasSize(4);
            ward.owner("DROP TABLE saga_executions_y2041m01, saga_executions_y2041m02, saga_steps_y2041m01,"
                    + " saga_steps_y2041m02");
        }

        @Test
        void whatCannotBeMadeFailsAndSaysWhy() throws SQLException {
            ward.owner("CREATE TABLE saga_outbox_y2041m03d01 ()");
            try {
                CliRun run = ward.asOwner()
                        .run("partition", "create", "--table", "saga_outbox", "--range", "2041-03-01:2041-03-01");

                assertThat(run.status()).isEqualTo(1);
                assertThat(run.lines())
                        .anyMatch(line -> line.startsWith("FAIL") && line.contains("saga_outbox_y2041m03d01"));
            } finally {
                ward.owner("DROP TABLE saga_outbox_y2041m03d01");
            }
        }

        @Test
        void oldPartitionsGoAndADryRunOnlySaysSo() throws SQLException {
            ward.owner("SELECT create_saga_outbox_partition((now() - interval '100 days')::date)");
            String old = ward.values(
                            "SELECT min(partition_name) FROM sagaz_partitions() WHERE table_name = 'saga_outbox'")
                    .get(0);

            CliRun dry = owner("partition", "cleanup", "--older-than", "3m", "--table", "saga_outbox", "--dry-run");
            CliRun younger = owner("partition", "cleanup", "--older-than", "6m", "--table", "saga_outbox");

            assertThat(dry.lines()).anyMatch(line -> line.startsWith("DROP") && line.contains(old));
            assertThat(dry.output()).contains("nothing was changed (--dry-run)");
            assertThat(younger.output()).contains("Nothing to do");
            assertThat(Json.list(
                            owner("partition", "maintain", "--dry-run", "--json")
                                    .json(),
                            "actions"))
                    .extracting(action -> action.get("partition"))
                    .contains(old);
            assertThat(owner("partition", "cleanup", "--older-than", "3m", "--table", "saga_outbox")
                            .lines())
                    .anyMatch(line -> line.startsWith("DROP") && line.contains(old));
            assertThat(ward.values("SELECT partition_name FROM sagaz_partitions()"))
                    .doesNotContain(old);
        }

        @Test
        void lessThanTheSettingsKeepIsRefused() {
            CliRun run = ward.asOwner().run("partition", "cleanup", "--older-than", "2d", "--json");

            assertThat(run.status()).isEqualTo(1);
            assertThat(Json.text(run.json(), "error")).contains("are kept for").contains("UPDATE partition_settings");
        }

        @Test
        void aRoleThatDoesNotOwnTheTablesIsToldSo() {
            CliRun run = ward.asService().run("partition", "cleanup", "--older-than", "24m");

            assertThat(run.status()).isEqualTo(1);
            assertThat(run.words()).contains("by the owner of the tables").contains("sagaz_app");
        }

        @Test
        void aMaintenanceMakesWhatIsMissing() throws SQLException {
            String last = ward.values(
                            "SELECT max(partition_name) FROM sagaz_partitions() WHERE table_name = 'saga_outbox'")
                    .get(0);
            ward.owner("DROP TABLE " + last);

            CliRun run = service("partition", "maintain");

            assertThat(run.lines()).anyMatch(line -> line.startsWith("CREATE") && line.contains(last));
            assertThat(run.words()).contains("Maintaining");
        }
    }

    @Nested
    class StatusIT {
        @Test
        void everythingIsShown() {
            Map<String, Object> status = service("status", "--json").json();

            assertThat(Json.list(status, "servers"))
                    .extracting(server -> server.get("way") + " " + server.get("role"))
                    .containsExactly(
                            "primary primary", "rw primary", "replica-1 standby", "replica-2 standby", "ro standby");
            assertThat(Json.list(status, "standbys"))
                    .extracting(standby -> standby.get("name") + " " + standby.get("state"))
                    .containsExactly("replica-1 streaming", "replica-2 streaming");
            assertThat(Json.list(status, "slots"))
                    .allSatisfy(slot -> assertThat(slot).containsEntry("active", true));
            assertThat(Json.list(status, "poolers"))
                    .extracting(pooler -> pooler.get("serves"))
                    .containsExactly("WRITES", "READS");
            assertThat(Json.text(status, "schema", "state")).isEqualTo("CURRENT");
            assertThat(Json.list(status, "partitions")).hasSize(4);
            assertThat(Json.list(status, "outbox")).isNotEmpty();
            assertThat(Json.list(status, "unknown")).isEmpty();

            assertThat(service("status").output())
                    .contains("SERVERS", "STANDBYS", "SLOTS", "POOLS", "SCHEMA", "PARTITIONS", "OUTBOX")
                    .contains("CURRENT version")
                    .doesNotContain(topology.app().password());
        }

        @Test
        void poolsAreShownByThemselves() {
            CliRun run = service("status", "--pool");

            assertThat(run.lines().get(0)).contains("POOLER", "MODE", "WAITING", "MOST");
            assertThat(run.output()).contains("PgBouncer-RW 127.0.0.1:").doesNotContain("SERVERS");
        }

        @Test
        void watchingShowsItAgainUntilItIsStopped() {
            CliRun run = ward.asService().runOnce("status", "--watch", "1");

            assertThat(run.status()).isZero();
            assertThat(run.output()).contains("SERVERS");
        }

        @Test
        void aPasswordThatIsRefusedIsNamedByRoleAndSettingWithWhatHelps() {
            CliRun run =
                    ward.asService().with("SAGAZ_DB_PASSWORD", "nicht-richtig").run("status");

            assertThat(run.lines())
                    .anyMatch(line -> line.contains("primary ")
                            && line.contains("the role sagaz_app with the password from SAGAZ_DB_PASSWORD is refused")
                            && line.contains("→ Put the password of sagaz_app into SAGAZ_DB_PASSWORD"))
                    .noneMatch(line -> line.contains("does not answer"));
            assertThat(run.output()).doesNotContain("nicht-richtig");
            assertThat(run.status()).isEqualTo(1);
        }

        @Test
        void whatDoesNotAnswerIsShownAndTold() {
            topology.faults().stopReplica(1);
            try {
                CliRun run = ward.asService().run("status");
                CliRun document = ward.asService().run("status", "--json");

                assertThat(run.status()).isEqualTo(1);
                assertThat(run.lines())
                        .anyMatch(line -> line.contains("replica-2") && line.contains("does not answer"));
                assertThat(Json.list(document.json(), "servers"))
                        .filteredOn(server -> "replica-2".equals(server.get("way")))
                        .singleElement()
                        .satisfies(server -> assertThat(server).containsEntry("answers", false));
            } finally {
                topology.faults().startReplica(1);
            }
        }
    }

    @Nested
    class SagasIT {
        @Test
        void sagasAreListedByPagesAndShown() {
            SagaId failed;
            try (RoutingSagaStore store = store()) {
                store.start(NewSaga.named("order").steps("reserve", "charge"));
                store.start(NewSaga.named("order").steps("reserve"));
                failed = store.start(NewSaga.named("order")
                                .steps("reserve", "charge")
                                .context("{\"card\": \"4242\"}")
                                .idempotencyKey("order-42"))
                        .id();
                store.apply(
                        failed,
                        1,
                        SagaChange.to(SagaStatus.FAILED)
                                .andStep("reserve", StepStatus.SUCCESS)
                                .emit(OutboxEvent.to("orders")
                                        .type("OrderFailed")
                                        .json("{}")));
            }

            Map<String, Object> first = service("sagas", "list", "--name", "order", "--limit", "2", "--json")
                    .json();
            String next = Json.text(first, "next");
            Map<String, Object> second = service(
                            "sagas", "list", "--name", "order", "--limit", "2", "--after", next, "--json")
                    .json();

            assertThat(Json.list(first, "sagas")).hasSize(2);
            assertThat(Json.list(second, "sagas")).hasSize(1);
            assertThat(second).containsEntry("next", "null");
            assertThat(Json.list(
                            service("sagas", "list", "--status", "FAILED", "--since", "1h", "--json")
                                    .json(),
                            "sagas"))
                    .singleElement()
                    .satisfies(saga -> assertThat(saga).containsEntry("id", failed.toString()));
            assertThat(service("sagas", "list", "--name", "order").output())
                    .contains("SAGA", failed.toString(), "stale");

            CliRun shown = service("sagas", "show", failed.toString());
            assertThat(shown.output())
                    .contains("order " + failed + " FAILED, version 2", "order-42", "reserve", "OrderFailed")
                    .doesNotContain("4242");
            Map<String, Object> data = service("sagas", "show", failed.toString(), "--data", "--json")
                    .json();
            assertThat(Json.text(data, "context", "card")).isEqualTo("4242");
            assertThat(Json.list(data, "steps"))
                    .extracting(step -> step.get("name"))
                    .containsExactly("reserve", "charge");
            assertThat(Json.list(data, "events")).hasSize(1);
        }

        @Test
        void aSagaThatIsNotThereIsOneError() {
            SagaId nobody = SagaId.next();

            CliRun run = ward.asService().run("sagas", "show", nobody.toString());

            assertThat(run.status()).isEqualTo(1);
            assertThat(run.words()).contains("There is no saga " + nobody);
        }
    }

    @Nested
    class OutboxIT {
        @Test
        void deadLettersAreListedShownSentAgainAndForgotten() throws SQLException {
            CliRun nobody = ward.asService().run("dlq", "list");
            assertThat(nobody.status()).isEqualTo(1);
            assertThat(nobody.words()).contains("Which relay is meant?").contains("none is registered");
            letters();
            try {
                assertThat(Json.list(service("outbox", "depth", "--json").json(), "relays"))
                        .singleElement()
                        .satisfies(relay -> assertThat(relay)
                                .containsEntry("relay", "kafka")
                                .containsEntry("deadLetters", 5.0));
                assertThat(service("outbox", "depth").lines().get(0)).contains("RELAY", "DEAD LETTERS");

                List<Map<String, Object>> letters =
                        Json.list(service("dlq", "list", "--json").json(), "deadLetters");
                assertThat(letters).hasSize(5);
                assertThat(service("dlq", "list", "--limit", "2").output()).contains("; more with --after ");
                String one = ward.values("SELECT event_id::text FROM saga_outbox WHERE payload ->> 'n' = '5'")
                        .get(0);
                assertThat(letters)
                        .extracting(letter -> String.valueOf(letter.get("event")))
                        .contains(one);
                assertThat(service("dlq", "show", one).output()).contains("too large", "payload", "{\"n\": 5}");
                assertThat(Json.number(service("dlq", "show", one, "--json").json(), "stored", "payload", "n"))
                        .isEqualTo(5);

                assertThat(Json.number(service("dlq", "replay", one, "--json").json(), "resent"))
                        .isEqualTo(1);
                CliRun again = ward.asService().run("dlq", "replay", one);
                assertThat(again.status()).isEqualTo(1);
                assertThat(again.words()).contains("The relay kafka has no dead letter " + one);
                assertThat(service("dlq", "replay", "--topic", "orders", "--limit", "1")
                                .output())
                        .contains("Relay kafka tries 1 again");
                assertThat(service("dlq", "purge", "--older-than", "7d", "--yes")
                                .output())
                        .contains("has forgotten 0");
                assertThat(Json.number(
                                service("dlq", "purge", "--error-contains", "large", "--limit", "2", "--yes", "--json")
                                        .json(),
                                "purged"))
                        .isEqualTo(2);
                assertThat(service("dlq", "replay", "--all").output()).contains("tries 1 again");
                assertThat(ward.values("SELECT count(*) FROM saga_outbox_parked"))
                        .containsExactly("3");

                CliRun unknown = ward.asService().run("dlq", "list", "--relay", "rabbit");
                assertThat(unknown.words()).contains("There is no relay rabbit; there are kafka");
            } finally {
                ward.owner("DELETE FROM saga_outbox_relays", "DELETE FROM saga_outbox");
            }
        }

        private void letters() throws SQLException {
            ward.owner(
                    "DELETE FROM saga_outbox",
                    "INSERT INTO saga_outbox_relays (relay_name) VALUES ('kafka')",
                    "INSERT INTO saga_outbox (topic, payload) VALUES ('orders', '{\"n\": 1}')",
                    "INSERT INTO saga_outbox (topic, payload) VALUES ('orders', '{\"n\": 2}')",
                    "INSERT INTO saga_outbox (topic, payload) VALUES ('orders', '{\"n\": 3}')",
                    "INSERT INTO saga_outbox (topic, payload) VALUES ('orders', '{\"n\": 4}')",
                    "INSERT INTO saga_outbox (topic, payload) VALUES ('orders', '{\"n\": 5}')",
                    "INSERT INTO saga_outbox_dead_letters (relay_name, event_id, created_at, seq, shard, attempts,"
                            + " last_error) SELECT 'kafka', event_id, created_at, seq, shard, 3, 'too large'"
                            + " FROM saga_outbox");
            topology.awaitReplicas(Duration.ofMinutes(1));
        }
    }
}
