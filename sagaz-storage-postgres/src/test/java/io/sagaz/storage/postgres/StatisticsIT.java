package io.sagaz.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.sagaz.storage.NewSaga;
import io.sagaz.storage.PartitionSize;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.ReadSource;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaDurations;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaOutcomes;
import io.sagaz.storage.SagaStatistics;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.SagaSummary;
import io.sagaz.storage.SagaThroughput;
import io.sagaz.storage.StepDurations;
import io.sagaz.storage.TimeSpan;
import io.sagaz.testkit.Await;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.TimeZone;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Statistics of sagas, around a night in which Berlin puts its clocks forward. */
class StatisticsIT {
    private static final Instant NIGHT = Instant.parse("2025-03-30T00:00:00Z");
    private static final TimeSpan TWO_DAYS =
            new TimeSpan(NIGHT.minus(Duration.ofDays(1)), NIGHT.plus(Duration.ofDays(1)));
    private static String schema;
    private static RoutingSagaStore store;
    private static SagaStatistics statistics;

    @BeforeAll
    static void open() {
        schema = Stand.newSchema();
        // Nobody takes partitions away that are older than they must be kept.
        store = Stand.builder(schema).partitions(PartitionPolicy.leftToOthers()).build();
        statistics = store.statistics(ReadConsistency.strong());
        sql(
                "SELECT %s.create_saga_executions_partition('2025-02-01'), %s.create_saga_executions_partition('2025-03-01')");
        // 100 that took 1 to 100 seconds and ended in the hour after midnight, begun a second apart.
        sql("INSERT INTO %s.saga_executions (saga_id, created_at, saga_name, status, completed_at)"
                + " SELECT %s.sagaz_uuid7(t), t, 'order', CASE WHEN n <= 10 THEN 'FAILED' WHEN n <= 15 THEN 'COMPENSATED'"
                + " ELSE 'SUCCESS' END, t + n * interval '1 second'"
                + " FROM (SELECT n, timestamptz '2025-03-30 00:10:00Z' + n * interval '1 second' AS t"
                + " FROM generate_series(1, 100) n) x");
        saga("order", "2025-02-27T12:00:00Z", "SUCCESS", "2025-03-30T03:30:00Z");
        saga("order", "2025-03-29T23:59:59.999Z", "RUNNING", null);
        saga("refund", "2025-03-30T00:00:00Z", "SUCCESS", "2025-03-30T01:00:00Z");
        saga("refund", "2025-03-30T23:59:59.999Z", "PENDING", null);
        saga("refund", "2025-03-31T00:00:00Z", "SUCCESS", "2025-03-31T00:00:00Z");
    }

    @AfterAll
    static void close() {
        store.close();
    }

    @Test
    void throughputCountsWhatBeganAndWhatEndedInEachInterval() {
        List<SagaThroughput> days =
                statistics.throughput(TWO_DAYS, Duration.ofDays(1)).value();
        assertThat(days)
                .containsExactly(
                        new SagaThroughput(TWO_DAYS.from(), 1, 0, 0, 0), new SagaThroughput(NIGHT, 102, 87, 10, 5));
        assertThat(statistics
                        .named("refund")
                        .throughput(TWO_DAYS, Duration.ofDays(1))
                        .value())
                .containsExactly(
                        new SagaThroughput(TWO_DAYS.from(), 0, 0, 0, 0), new SagaThroughput(NIGHT, 2, 1, 0, 0));
        List<SagaThroughput> hours =
                statistics.throughput(TWO_DAYS, Duration.ofHours(1)).value();
        assertThat(hours).hasSize(48);
        for (int i = 0; i < 48; i++) {
            assertThat(hours.get(i).begin()).isEqualTo(TWO_DAYS.from().plus(Duration.ofHours(i)));
        }
        assertThat(hours.get(24)).isEqualTo(new SagaThroughput(NIGHT, 101, 85, 10, 5));
        assertThat(hours.get(25).succeeded()).as("at its very beginning").isEqualTo(1);
        assertThat(hours.get(27).succeeded()).as("begun a month before").isEqualTo(1);
        assertThat(hours.get(23).started()).as("in its last millisecond").isEqualTo(1);
    }

    @Test
    void anIntervalThatDoesNotDivideTheSpanIsCutAtItsEnds() {
        TimeSpan odd = new TimeSpan(Instant.parse("2025-03-30T00:10:30Z"), Instant.parse("2025-03-30T00:11:10.001Z"));
        // 7 minutes are counted from Monday, 1970-01-05: no interval begins with this span or ends with it.
        List<SagaThroughput> cut =
                statistics.throughput(odd, Duration.ofMinutes(7)).value();
        assertThat(cut.get(0).begin()).isBeforeOrEqualTo(odd.from());
        assertThat(Duration.between(
                                        Instant.parse("1970-01-05T00:00:00Z"),
                                        cut.get(0).begin())
                                .toMillis()
                        % Duration.ofMinutes(7).toMillis())
                .isZero();
        assertThat(cut.stream().mapToLong(SagaThroughput::started).sum())
                .as("from 30 to 70 seconds after ten past")
                .isEqualTo(41);
        List<SagaThroughput> weeks =
                statistics.throughput(TWO_DAYS, Duration.ofDays(7)).value();
        assertThat(weeks)
                .extracting(SagaThroughput::begin)
                .as("of a Monday")
                .containsExactly(Instant.parse("2025-03-24T00:00:00Z"));
        List<SagaThroughput> one =
                statistics.throughput(TWO_DAYS, Duration.ofDays(5_000)).value();
        assertThat(one).singleElement().extracting(SagaThroughput::started).isEqualTo(103L);
    }

    @Test
    void outcomesAreToldForEachKind() {
        assertThat(statistics.outcomes(TWO_DAYS).value())
                .containsExactly(new SagaOutcomes("order", 86, 10, 5), new SagaOutcomes("refund", 1, 0, 0));
        SagaOutcomes order =
                statistics.named("order").outcomes(TWO_DAYS).value().get(0);
        assertThat(order.finished()).isEqualTo(101);
        assertThat(order.failureRate()).isCloseTo(15.0 / 101, within(1e-9));
        assertThat(statistics.outcomes(nothing()).value()).isEmpty();
        assertThat(new SagaOutcomes("none", 0, 0, 0).failureRate()).isZero();
    }

    @Test
    void durationsAreOfTheNearestRank() {
        TimeSpan hour = new TimeSpan(NIGHT, NIGHT.plus(Duration.ofHours(1)));
        SagaDurations all = statistics.durations(hour).value().orElseThrow();
        SagaDurations expected = new SagaDurations(
                NIGHT,
                100,
                Duration.ofSeconds(50),
                Duration.ofSeconds(90),
                Duration.ofSeconds(95),
                Duration.ofSeconds(99),
                Duration.ofSeconds(100));
        assertThat(all).isEqualTo(expected);
        assertThat(statistics.durations(hour, Duration.ofHours(1)).value()).containsExactly(expected);
        assertThat(statistics.durations(TWO_DAYS, Duration.ofHours(1)).value())
                .as("intervals in which something ended")
                .extracting(SagaDurations::begin)
                .containsExactly(NIGHT, NIGHT.plus(Duration.ofHours(1)), NIGHT.plus(Duration.ofHours(3)));
        assertThat(statistics.durations(nothing()).value()).isEmpty();
        assertThat(statistics.durations(nothing(), Duration.ofHours(1)).value()).isEmpty();
        assertThat(statistics
                        .named("refund")
                        .durations(TWO_DAYS)
                        .value()
                        .orElseThrow()
                        .max())
                .isEqualTo(Duration.ofHours(1));
    }

    @Test
    void aMakerWhoseClockIsAheadMakesNoNegativeDuration() {
        saga("ahead", "2025-03-20T12:00:00.5Z", "SUCCESS", "2025-03-20T12:00:00Z");
        TimeSpan day = TimeSpan.last(Duration.ofDays(1), Instant.parse("2025-03-20T12:00:00.001Z"));
        SagaDurations durations =
                statistics.named("ahead").durations(day).value().orElseThrow();
        assertThat(durations.finished()).isEqualTo(1);
        assertThat(durations.max()).isZero();
    }

    @Test
    void theSlowestStepsComeFirst() {
        Instant at = Instant.parse("2025-03-21T10:00:00Z");
        sql("INSERT INTO %s.saga_executions (saga_id, created_at, saga_name, status)"
                + " SELECT %s.sagaz_uuid7(t), t, 'stepped', 'RUNNING' FROM (SELECT timestamptz '" + at
                + "' + n * interval '1 ms' AS t FROM generate_series(0, 9) n) x");
        sql(
                "INSERT INTO %s.saga_steps (saga_id, created_at, step_index, step_name, status, started_at, completed_at, retry_count)"
                        + " SELECT saga_id, created_at, 0, 'slow', CASE n WHEN 1 THEN 'FAILED' ELSE 'SUCCESS' END, created_at,"
                        + " created_at + n * interval '10 seconds', n - 1"
                        + " FROM (SELECT *, row_number() OVER (ORDER BY saga_id) AS n FROM %s.saga_executions"
                        + " WHERE saga_name = 'stepped') x"
                        + " UNION ALL SELECT saga_id, created_at, 1, 'quick', 'SUCCESS', created_at, created_at + interval '1 ms', 0"
                        + " FROM %s.saga_executions WHERE saga_name = 'stepped'"
                        + " UNION ALL SELECT saga_id, created_at, 2, 'undone', 'COMPENSATED', created_at, created_at + interval '1 hour', 0"
                        + " FROM %s.saga_executions WHERE saga_name = 'stepped'"
                        + " UNION ALL SELECT saga_id, created_at, 3, 'at work', 'RUNNING', created_at, NULL, 0"
                        + " FROM %s.saga_executions WHERE saga_name = 'stepped'");
        TimeSpan span = new TimeSpan(at, at.plusMillis(10));
        List<StepDurations> steps = statistics.slowestSteps(span, 10).value();
        assertThat(steps)
                .containsExactly(
                        new StepDurations(
                                "stepped",
                                "slow",
                                10,
                                1,
                                45,
                                Duration.ofSeconds(50),
                                Duration.ofSeconds(100),
                                Duration.ofSeconds(100),
                                Duration.ofSeconds(100)),
                        new StepDurations(
                                "stepped",
                                "quick",
                                10,
                                0,
                                0,
                                Duration.ofMillis(1),
                                Duration.ofMillis(1),
                                Duration.ofMillis(1),
                                Duration.ofMillis(1)));
        assertThat(statistics.slowestSteps(span, 1).value()).containsExactly(steps.get(0));
        assertThat(statistics.named("order").slowestSteps(span, 10).value()).isEmpty();
        TimeSpan part = new TimeSpan(at.plusMillis(3), at.plusMillis(5).plusNanos(1_000));
        assertThat(statistics.slowestSteps(part, 10).value())
                .as("of the sagas of 3, 4 and 5 ms, and no other")
                .extracting(StepDurations::ended)
                .containsExactly(3L, 3L);
    }

    @Test
    void theOldestUnfinishedComeFirst() {
        assertThat(statistics.oldestUnfinished(TWO_DAYS, 10).value())
                .extracting(SagaSummary::name)
                .containsExactly("order", "refund");
        assertThat(statistics.oldestUnfinished(TWO_DAYS, 1).value())
                .extracting(SagaSummary::status)
                .containsExactly(SagaStatus.RUNNING);
        assertThat(statistics.named("refund").oldestUnfinished(TWO_DAYS, 10).value())
                .extracting(SagaSummary::status)
                .containsExactly(SagaStatus.PENDING);
        assertThat(statistics.oldestUnfinished(nothing(), 10).value()).isEmpty();
    }

    @Test
    void whatTheStoreWritesIsCounted() {
        SagaId id = store.start(NewSaga.named("live").steps("a")).id();
        store.apply(id, 1, SagaChange.stepStarted("a").andTo(SagaStatus.RUNNING));
        store.apply(id, 2, SagaChange.stepSucceeded("a", "{}").andTo(SagaStatus.SUCCESS));
        TimeSpan today = TimeSpan.last(Duration.ofHours(1), id.createdAt().plus(Duration.ofMinutes(10)));
        SagaStatistics live = statistics.named("live");
        assertThat(live.throughput(today, Duration.ofDays(1)).value().stream()
                        .mapToLong(t -> t.started() + t.succeeded())
                        .sum())
                .isEqualTo(2);
        assertThat(live.slowestSteps(today, 10).value()).singleElement().satisfies(step -> {
            assertThat(step.step()).isEqualTo("a");
            assertThat(step.max()).isBetween(Duration.ZERO, Duration.ofMinutes(1));
        });
    }

    @Test
    void theTimeZoneOfASessionChangesNothing() throws SQLException {
        TimeZone before = TimeZone.getDefault();
        List<SagaThroughput> days =
                statistics.throughput(TWO_DAYS, Duration.ofDays(1)).value();
        TimeZone.setDefault(TimeZone.getTimeZone("Europe/Berlin")); // The driver tells the server.
        try (RoutingSagaStore berlin =
                Stand.builder(schema).partitions(PartitionPolicy.leftToOthers()).build()) {
            SagaStatistics there = berlin.statistics(ReadConsistency.strong());
            assertThat(there.throughput(TWO_DAYS, Duration.ofDays(1)).value()).isEqualTo(days);
            assertThat(there.durations(TWO_DAYS, Duration.ofDays(1)).value())
                    .isEqualTo(
                            statistics.durations(TWO_DAYS, Duration.ofDays(1)).value());
        } finally {
            TimeZone.setDefault(before);
        }
        for (String zone : List.of("Europe/Berlin", "America/New_York", "UTC")) {
            try (Connection connection = Stand.asOwner();
                    Statement statement = connection.createStatement()) {
                statement.execute("SET TimeZone = '" + zone + "'");
                try (ResultSet row = statement.executeQuery("SELECT string_agg(to_char(bucket_start AT TIME ZONE 'UTC',"
                        + " 'DD HH24:MI'), ', ') FROM " + schema
                        + ".sagaz_buckets('2025-03-29 10:00Z', '2025-04-01 00:00Z', '1 day')")) {
                    row.next();
                    assertThat(row.getString(1)).as(zone).isEqualTo("29 00:00, 30 00:00, 31 00:00");
                }
            }
        }
    }

    @Test
    void aReplicaAnswersTheSame() {
        SagaStatistics replica = store.statistics(ReadConsistency.atMost(Duration.ofSeconds(30)));
        Await.until(
                "a replica answers",
                () -> replica.outcomes(TWO_DAYS).receipt().source() == ReadSource.REPLICA
                        && replica.outcomes(TWO_DAYS).value().size() == 2);
        assertThat(replica.throughput(TWO_DAYS, Duration.ofHours(6)).value())
                .isEqualTo(statistics.throughput(TWO_DAYS, Duration.ofHours(6)).value());
        assertThat(replica.durations(TWO_DAYS).value())
                .isEqualTo(statistics.durations(TWO_DAYS).value());
        assertThat(replica.partitions().value())
                .extracting(PartitionSize::partition)
                .contains("saga_executions_y2025m03");
    }

    @Test
    void partitionsHaveTheirBoundsAndSizes() {
        sql("ANALYZE %s.saga_executions");
        List<PartitionSize> partitions = statistics.partitions().value();
        PartitionSize march = partitions.stream()
                .filter(partition -> partition.partition().equals("saga_executions_y2025m03"))
                .findFirst()
                .orElseThrow();
        assertThat(march.table()).isEqualTo("saga_executions");
        assertThat(march.from()).contains(Instant.parse("2025-03-01T00:00:00Z"));
        assertThat(march.before()).contains(Instant.parse("2025-04-01T00:00:00Z"));
        assertThat(march.state()).isEqualTo("ATTACHED");
        assertThat(march.estimatedRows()).isGreaterThanOrEqualTo(103);
        assertThat(march.bytes()).isGreaterThan(8_192);
        assertThat(partitions)
                .extracting(PartitionSize::table)
                .contains("saga_executions", "saga_steps", "saga_outbox", "saga_audit_log")
                .isSorted();
        sql("CREATE TABLE %s.saga_outbox_rest PARTITION OF %s.saga_outbox DEFAULT");
        assertThat(statistics.partitions().value()).as("one without bounds").anySatisfy(partition -> {
            assertThat(partition.partition()).isEqualTo("saga_outbox_rest");
            assertThat(partition.from()).isEmpty();
            assertThat(partition.before()).isEmpty();
            assertThat(partition.estimatedRows()).isZero();
        });
        sql("DROP TABLE %s.saga_outbox_rest");
    }

    @Test
    void theWidestSpanIsAnswered() {
        TimeSpan ever = new TimeSpan(Instant.EPOCH, Instant.parse("9999-12-31T00:00:00Z"));
        assertThat(statistics.named("order").outcomes(ever).value())
                .containsExactly(new SagaOutcomes("order", 86, 10, 5));
        assertThat(statistics.named("order").throughput(ever, Duration.ofDays(365)).value().stream()
                        .mapToLong(SagaThroughput::started)
                        .sum())
                .isEqualTo(102);
    }

    @Test
    @SuppressWarnings("NullAway")
    void badArgumentsAreRefusedWithARemedy() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> store.statistics(null))
                .withMessage("consistency must not be null");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> statistics.named(" "))
                .withMessageContaining("must not be blank");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> statistics.throughput(null, Duration.ofHours(1)))
                .withMessage("span must not be null");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> statistics.throughput(TWO_DAYS, null))
                .withMessage("interval must not be null");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> statistics.throughput(TWO_DAYS, Duration.ZERO))
                .withMessageContaining("interval must be PT0.001S to ")
                .withMessageContaining("but is PT0S");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        statistics.durations(TWO_DAYS, Duration.ofMillis(5).plusNanos(1)))
                .withMessage("interval must be of whole microseconds but is PT0.005000001S");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> statistics.throughput(TWO_DAYS, Duration.ofSeconds(1)))
                .withMessageContaining("there may be 10000 intervals at most")
                .withMessageContaining("has 172800 of PT1S")
                .withMessageContaining("take PT17.281S or longer");
        assertThat(statistics.throughput(TWO_DAYS, Duration.ofMillis(17_281)).value())
                .hasSizeBetween(9_999, 10_001);
        for (int limit : new int[] {0, 1_001}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> statistics.slowestSteps(TWO_DAYS, limit))
                    .withMessage("limit must be 1 to 1000 but is " + limit);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> statistics.oldestUnfinished(TWO_DAYS, limit))
                    .withMessage("limit must be 1 to 1000 but is " + limit);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> statistics.outcomes(null))
                .withMessage("span must not be null");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> statistics.durations(null))
                .withMessage("span must not be null");
    }

    private static TimeSpan nothing() {
        return TimeSpan.last(Duration.ofHours(1), Instant.parse("2025-03-10T00:00:00Z"));
    }

    private static void saga(String name, String created, String status, @Nullable String completed) {
        sql(
                "INSERT INTO %s.saga_executions (saga_id, created_at, saga_name, status, completed_at) VALUES (%s.sagaz_uuid7('"
                        + created + "'), '" + created + "', '" + name + "', '" + status + "', "
                        + (completed == null ? "NULL" : "'" + completed + "'") + ")");
    }

    private static void sql(String statement) {
        Stand.run(Stand.topology().primaryUrl(), Stand.topology().owner(), statement.replace("%s", schema));
    }
}
