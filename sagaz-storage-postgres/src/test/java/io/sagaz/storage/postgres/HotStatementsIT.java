package io.sagaz.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.AuditEntry;
import io.sagaz.storage.ClaimRequest;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.PageRequest;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaReads;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.StepStatus;
import io.sagaz.testkit.Topology;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The statements that the store sends, as the server plans them with rows in several partitions: docs/schema.md. */
class HotStatementsIT {
    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void eachStatementFindsItsRowsByAnIndexOfOnePartition(int postgres) throws Exception {
        try (Topology topology =
                Topology.builder().replicas(1).postgres(postgres).start()) {
            PlanLog.turnOn(topology);
            try (RoutingSagaStore store = RoutingSagaStore.builder()
                    .write(PoolConfig.of(
                            topology.rwUrl(),
                            topology.app().user(),
                            topology.app().password()))
                    .direct(PoolConfig.of(
                            topology.primaryUrl(),
                            topology.owner().user(),
                            topology.owner().password()))
                    .partitions(PartitionPolicy.leftToOthers())
                    .build()) {
                fill(topology);
                PlanLog log = new PlanLog(topology);
                // Of a month that is over, so that it is full on whatever day this runs.
                YearMonth before = YearMonth.now(ZoneOffset.UTC).minusMonths(1);
                Instant noon = before.atDay(15).atTime(12, 0).toInstant(ZoneOffset.UTC);
                String month = before.format(DateTimeFormatter.ofPattern("'_y'uuuu'm'MM"));
                SagaReads reads = store.reads(ReadConsistency.strong());

                NewSaga saga = NewSaga.named("name 3")
                        .id(SagaId.next(Clock.fixed(noon, ZoneOffset.UTC)))
                        .steps("a", "b")
                        .idempotencyKey("k")
                        .emit(OutboxEvent.to("t"));
                SagaId id = store.start(saga).id();
                assertThat(log.scans()).isEmpty();

                store.start(NewSaga.named("name 3")
                        .id(SagaId.next(Clock.fixed(noon, ZoneOffset.UTC)))
                        .idempotencyKey("k"));
                assertThat(log.scans()).containsExactly("Index saga_idempotency_keys_pkey");

                store.apply(
                        id,
                        1,
                        SagaChange.to(SagaStatus.RUNNING)
                                .andStep("a", StepStatus.SUCCESS)
                                .emit(OutboxEvent.to("t")));
                assertThat(log.scans())
                        .containsExactlyInAnyOrder(
                                "Index saga_executions" + month + "_pkey", "Index saga_steps" + month + "_pkey");

                store.apply(id, 1, SagaChange.stepStarted("c"));
                assertThat(log.scans())
                        .as("a refusal")
                        .contains("Index saga_executions" + month + "_pkey", "Index saga_steps" + month + "_pkey")
                        .allMatch(scan -> scan.endsWith("_pkey"));

                store.apply(id, 2, SagaChange.stepStarted("c"));
                assertThat(log.scans())
                        .as("a step that is new")
                        .containsExactlyInAnyOrder(
                                "Index saga_executions" + month + "_pkey", "Index saga_steps" + month + "_pkey");

                store.annotate(id, AuditEntry.of("NOTE"));
                assertThat(log.scans())
                        .contains("Index saga_executions" + month + "_pkey")
                        .allMatch(scan -> scan.endsWith("_pkey"));

                store.emit(List.of(OutboxEvent.to("t"), OutboxEvent.to("t")));
                assertThat(log.scans()).isEmpty();

                store.claimAbandoned(
                        ClaimRequest.by("me", Duration.ofMinutes(1)).idleFor(Duration.ZERO));
                assertThat(log.scans())
                        .as("of what is unfinished, name by name; then what was found")
                        .anyMatch(scan -> scan.endsWith("_saga_name_created_at_saga_id_idx1"))
                        .allMatch(
                                scan -> scan.endsWith("_saga_name_created_at_saga_id_idx1") || scan.endsWith("_pkey"));

                reads.find(id);
                assertThat(log.scans())
                        .containsExactlyInAnyOrder(
                                "Index saga_executions" + month + "_pkey", "Index saga_steps" + month + "_pkey");

                reads.findByKey("name 3", "k");
                assertThat(log.scans())
                        .contains("Index saga_idempotency_keys_pkey")
                        .contains("Index saga_executions" + month + "_pkey", "Index saga_steps" + month + "_pkey")
                        .allMatch(scan -> scan.endsWith("_pkey"))
                        .noneMatch(scan -> scan.contains("_y") && !scan.contains(month));

                Instant end = noon.plus(Duration.ofHours(1));
                reads.list(SagaFilter.all().createdFrom(noon).createdBefore(end), PageRequest.first(20));
                assertThat(log.scans())
                        .as("the newest, whatever their kind")
                        .containsExactly("Index saga_executions" + month + "_pkey");

                reads.list(SagaFilter.named("name 3").createdFrom(noon).createdBefore(end), PageRequest.first(20));
                assertThat(log.scans())
                        .contains("Index saga_executions" + month + "_saga_name_created_at_saga_id_idx")
                        .allMatch(scan -> scan.startsWith("Index saga_executions" + month));

                reads.list(
                        SagaFilter.all()
                                .status(SagaStatus.RUNNING)
                                .createdFrom(noon)
                                .createdBefore(end),
                        PageRequest.first(20));
                assertThat(log.scans())
                        .as("what is unfinished")
                        .contains("Index saga_executions" + month + "_created_at_saga_id_idx")
                        .allMatch(scan -> scan.startsWith("Index saga_executions" + month));

                reads.list(SagaFilter.all().owner("me").createdFrom(noon).createdBefore(end), PageRequest.first(20));
                assertThat(log.scans())
                        .as("what somebody works on")
                        .contains("Index saga_executions" + month + "_created_at_saga_id_idx")
                        .allMatch(scan -> scan.startsWith("Index saga_executions" + month));

                reads.list(
                        SagaFilter.all()
                                .status(SagaStatus.FAILED)
                                .createdFrom(noon)
                                .createdBefore(end),
                        PageRequest.first(20));
                assertThat(log.scans())
                        .as("what has failed")
                        .contains("Index saga_executions" + month + "_outcome_created_at_saga_id_idx")
                        .allMatch(scan -> scan.startsWith("Index saga_executions" + month));

                // By BRIN; or by name and time, skipping from name to name, as PostgreSQL 18 can.
                reads.countByStatus(SagaFilter.all().createdFrom(noon).createdBefore(end));
                assertThat(log.scans())
                        .as("an hour of a month")
                        .isNotEmpty()
                        .allMatch(scan -> scan.startsWith("Index saga_executions" + month));
            }
        }
    }

    /** One saga for each minute of the last month and of this one, finished but for a few. */
    private static void fill(Topology topology) throws SQLException {
        run(
                topology,
                "SELECT create_saga_executions_partition((now() AT TIME ZONE 'UTC' - interval '1 month')::date)",
                """
                INSERT INTO saga_executions (saga_id, created_at, saga_name, status)
                SELECT sagaz_uuid7(t), t, 'name ' || n % 20, CASE n % 200 WHEN 0 THEN 'RUNNING' WHEN 1 THEN 'FAILED' ELSE 'SUCCESS' END
                FROM (SELECT row_number() OVER () AS n, t AT TIME ZONE 'UTC' AS t
                      FROM generate_series(date_trunc('month', now() AT TIME ZONE 'UTC') - interval '1 month',
                          now() AT TIME ZONE 'UTC', '1 minute') t) x
                """,
                """
                INSERT INTO saga_steps (saga_id, created_at, step_index, step_name)
                SELECT saga_id, created_at, 0, 'a' FROM saga_executions
                """,
                "INSERT INTO saga_outbox (topic, payload) SELECT 't', '{}' FROM generate_series(1, 20000)",
                "INSERT INTO saga_idempotency_keys SELECT 'x', saga_id::text, saga_id, created_at FROM saga_executions",
                "VACUUM (ANALYZE) saga_executions, saga_steps, saga_outbox, saga_idempotency_keys");
    }

    private static void run(Topology topology, String... statements) throws SQLException {
        try (Connection superuser = topology.connect(topology.primaryUrl(), topology.superuser());
                Statement statement = superuser.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }
}
