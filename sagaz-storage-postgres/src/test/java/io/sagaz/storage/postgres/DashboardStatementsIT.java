package io.sagaz.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.Lease;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxReads;
import io.sagaz.storage.PageRequest;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaReads;
import io.sagaz.storage.SagaStatistics;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.TimeSpan;
import io.sagaz.testkit.Topology;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What dashboards ask, as the server plans it with rows in several partitions: docs/dashboards.md. */
class DashboardStatementsIT {
    private static final DateTimeFormatter MONTH = DateTimeFormatter.ofPattern("'_y'uuuu'm'MM");
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("'_y'uuuu'm'MM'd'dd");

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void eachStatementStaysInItsSpan(int postgres) throws Exception {
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
                assertChangesBeforeTheEndTouchNoIndex(store);
                fill(topology);
                sagas(store, topology, new PlanLog(topology));
                outbox(store, topology, new PlanLog(topology));
            }
        }
    }

    /** Also of a column in a BRIN index PostgreSQL 14 and 15 only ask whether its value has changed. */
    private static void assertChangesBeforeTheEndTouchNoIndex(RoutingSagaStore store) throws SQLException {
        SagaId id = store.start(NewSaga.named("hot").steps("a")).id();
        String hot = store.inTransaction(tx -> {
            tx.apply(id, 1, SagaChange.stepStarted("a").andTo(SagaStatus.RUNNING));
            tx.apply(id, 2, SagaChange.renewed(new Lease("me", Duration.ofMinutes(1))));
            tx.apply(id, 3, SagaChange.to(SagaStatus.COMPENSATING));
            return hot(tx.connection());
        });
        assertThat(hot).as("updates, and those of them that were HOT").isEqualTo("3 3");
    }

    private static String hot(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT sum(pg_stat_get_xact_tuples_updated(inhrelid)) || ' ' ||"
                        + " sum(pg_stat_get_xact_tuples_hot_updated(inhrelid))"
                        + " FROM pg_inherits WHERE inhparent = 'saga_executions'::regclass")) {
            row.next();
            return row.getString(1);
        }
    }

    private static void sagas(RoutingSagaStore store, Topology topology, PlanLog log) throws Exception {
        YearMonth month = YearMonth.now(ZoneOffset.UTC).minusMonths(1);
        String of = month.format(MONTH);
        String before = month.minusMonths(1).format(MONTH);
        Instant noon = month.atDay(15).atTime(12, 0).toInstant(ZoneOffset.UTC);
        TimeSpan hours = new TimeSpan(noon, noon.plus(Duration.ofHours(2)));
        Duration interval = Duration.ofMinutes(10);
        for (SagaStatistics statistics : new SagaStatistics[] {
            store.statistics(ReadConsistency.strong()),
            store.statistics(ReadConsistency.strong()).named("name 3")
        }) {
            statistics.throughput(hours, interval);
            assertThat(log.lookedInto())
                    .as("what began and ended")
                    .contains("saga_executions" + of, "saga_executions" + before + "_completed_at_idx")
                    .allMatch(name ->
                            name.startsWith("saga_executions" + of) || name.startsWith("saga_executions" + before));

            statistics.outcomes(hours);
            assertEndedOnly(log.lookedInto(), of, before);
            statistics.durations(hours);
            assertEndedOnly(log.lookedInto(), of, before);
            statistics.durations(hours, interval);
            assertEndedOnly(log.lookedInto(), of, before);

            statistics.slowestSteps(hours, 10);
            assertThat(log.lookedInto())
                    .as("steps, in the order of their sagas")
                    .contains("saga_steps" + of + "_pkey")
                    .allMatch(name -> name.startsWith("saga_steps" + of) || name.startsWith("saga_executions" + of));

            statistics.oldestUnfinished(hours, 10);
            assertThat(log.lookedInto())
                    .as("an index that holds only those")
                    .hasSize(1)
                    .allMatch(name -> name.equals("saga_executions" + of + "_created_at_saga_id_idx")
                            || name.equals("saga_executions" + of + "_saga_name_created_at_saga_id_idx1"));
        }

        SagaReads reads = store.reads(ReadConsistency.strong());
        long shown = reads.forEach(SagaFilter.all().createdFrom(hours.from()).createdBefore(hours.before()), saga -> {})
                .value();
        assertThat(shown).isEqualTo(120);
        assertThat(log.lookedInto()).isNotEmpty().allMatch(name -> name.startsWith("saga_executions" + of));

        SagaId id = new SagaId(UUID.fromString(value(
                topology,
                "SELECT saga_id FROM saga_executions WHERE created_at >= '" + noon + "' ORDER BY 1 LIMIT 1")));
        assertThat(reads.auditTrail(id, PageRequest.first(10)).value().items()).hasSize(1);
        assertThat(log.lookedInto())
                .contains("saga_audit_log" + of + "_saga_id_created_at_idx")
                .allMatch(name -> name.endsWith("_saga_id_created_at_idx") || name.startsWith("Seq saga_audit_log_y"))
                .as("of the month of the saga on")
                .noneMatch(name -> name.contains(before));
    }

    private static void outbox(RoutingSagaStore store, Topology topology, PlanLog log) throws Exception {
        LocalDate yesterday = LocalDate.now(ZoneOffset.UTC).minusDays(1);
        String of = yesterday.format(DAY);
        Instant noon = yesterday.atTime(12, 0).toInstant(ZoneOffset.UTC);
        OutboxReads outbox = store.outbox(ReadConsistency.strong());

        outbox.throughput(new TimeSpan(noon, noon.plus(Duration.ofHours(2))), Duration.ofMinutes(10));
        assertThat(log.lookedInto()).containsExactly("saga_outbox" + of + "_pkey");

        SagaId id = new SagaId(UUID.fromString(value(
                topology, "SELECT saga_id FROM saga_outbox WHERE created_at >= '" + noon + "' ORDER BY 1 LIMIT 1")));
        assertThat(store.reads(ReadConsistency.strong())
                        .events(id, PageRequest.first(10))
                        .value()
                        .items())
                .hasSize(1);
        assertThat(log.lookedInto())
                .as("of the day before the saga on")
                .contains("saga_outbox" + of + "_saga_id_idx")
                .doesNotContain("Seq saga_outbox" + of)
                .noneMatch(name -> name.contains(yesterday.minusDays(2).format(DAY)));

        outbox.depth();
        assertThat(log.lookedInto())
                .contains("saga_outbox" + of + "_seq_idx")
                .noneMatch(name -> name.startsWith("Seq saga_outbox" + of));

        assertThat(outbox.deadLetters("kafka", PageRequest.first(2)).value().items())
                .hasSize(2);
        assertThat(log.lookedInto())
                .as("the letters of a relay, and the days of their events")
                .contains("saga_outbox_dead_letters_pkey", "saga_outbox" + of + "_pkey")
                .noneMatch(name -> name.contains(yesterday.minusDays(1).format(DAY)));
        assertThat(outbox.parked("kafka", PageRequest.first(2)).value().items()).hasSize(2);
        assertThat(log.lookedInto())
                .contains("saga_outbox_parked_pkey", "saga_outbox" + of + "_pkey")
                .noneMatch(name -> name.contains(yesterday.minusDays(1).format(DAY)));
    }

    private static void assertEndedOnly(Set<String> lookedInto, String of, String before) {
        assertThat(lookedInto)
                .as("what ended: of the month before, an index without any page")
                .contains(
                        "saga_executions" + of + "_completed_at_idx", "saga_executions" + before + "_completed_at_idx")
                .allMatch(
                        name -> name.startsWith("saga_executions" + of) || name.startsWith("saga_executions" + before));
    }

    /** A saga for each minute of the last two months and of this one, each with a step and an entry; three days of events. */
    private static void fill(Topology topology) throws SQLException {
        run(
                topology,
                "SELECT create_saga_executions_partition((now() AT TIME ZONE 'UTC' - interval '2 months')::date),"
                        + " create_saga_executions_partition((now() AT TIME ZONE 'UTC' - interval '1 month')::date),"
                        + " create_saga_audit_log_partition((now() AT TIME ZONE 'UTC' - interval '2 months')::date),"
                        + " create_saga_audit_log_partition((now() AT TIME ZONE 'UTC' - interval '1 month')::date),"
                        + " create_saga_outbox_partition((now() AT TIME ZONE 'UTC' - interval '2 days')::date),"
                        + " create_saga_outbox_partition((now() AT TIME ZONE 'UTC' - interval '3 days')::date)",
                """
                INSERT INTO saga_executions (saga_id, created_at, saga_name, status, completed_at)
                SELECT sagaz_uuid7(t), t, 'name ' || n % 20,
                    CASE n % 200 WHEN 0 THEN 'RUNNING' WHEN 1 THEN 'FAILED' ELSE 'SUCCESS' END,
                    CASE n % 200 WHEN 0 THEN NULL ELSE t + interval '3 seconds' END
                FROM (SELECT row_number() OVER () AS n, t AT TIME ZONE 'UTC' AS t
                      FROM generate_series(date_trunc('month', now() AT TIME ZONE 'UTC') - interval '2 months',
                          now() AT TIME ZONE 'UTC', '1 minute') t) x
                """,
                """
                INSERT INTO saga_steps (saga_id, created_at, step_index, step_name, status, started_at, completed_at)
                SELECT saga_id, created_at, 0, 'a', 'SUCCESS', created_at, created_at + interval '1 second' FROM saga_executions
                """,
                """
                INSERT INTO saga_audit_log (entry_id, created_at, saga_id, event_type)
                SELECT sagaz_uuid7(created_at), created_at, saga_id, 'SAGA_STARTED' FROM saga_executions
                """,
                """
                INSERT INTO saga_outbox (event_id, created_at, saga_id, topic, payload)
                SELECT sagaz_uuid7(t), t, sagaz_uuid7(t), 't', '{}'
                FROM (SELECT t AT TIME ZONE 'UTC' AS t
                      FROM generate_series(date_trunc('day', now() AT TIME ZONE 'UTC') - interval '3 days',
                          now() AT TIME ZONE 'UTC', '5 seconds') t) x
                """,
                "INSERT INTO saga_outbox_relays (relay_name) VALUES ('kafka')",
                """
                INSERT INTO saga_outbox_dead_letters (relay_name, event_id, created_at, seq, shard, attempts)
                SELECT 'kafka', event_id, created_at, seq, shard, 3 FROM saga_outbox
                WHERE created_at >= date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' - interval '1 day'
                    AND created_at < date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'
                """,
                """
                INSERT INTO saga_outbox_parked (relay_name, event_id, created_at, seq, shard, ordering_key, next_attempt_at)
                SELECT 'kafka', event_id, created_at, seq, shard, 'k', now() FROM saga_outbox_dead_letters
                """,
                "VACUUM (ANALYZE) saga_executions, saga_steps, saga_outbox, saga_audit_log, saga_outbox_dead_letters,"
                        + " saga_outbox_parked");
    }

    private static void run(Topology topology, String... statements) throws SQLException {
        try (Connection superuser = topology.connect(topology.primaryUrl(), topology.superuser());
                Statement statement = superuser.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private static String value(Topology topology, String sql) throws SQLException {
        try (Connection superuser = topology.connect(topology.primaryUrl(), topology.superuser());
                Statement statement = superuser.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }
}
