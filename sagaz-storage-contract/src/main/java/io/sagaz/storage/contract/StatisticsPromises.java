package io.sagaz.storage.contract;

import static io.sagaz.storage.SagaStatus.COMPENSATED;
import static io.sagaz.storage.SagaStatus.FAILED;
import static io.sagaz.storage.SagaStatus.RUNNING;
import static io.sagaz.storage.SagaStatus.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.OutboxThroughput;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaDurations;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaOutcomes;
import io.sagaz.storage.SagaStatistics;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.SagaSummary;
import io.sagaz.storage.SagaThroughput;
import io.sagaz.storage.StepDurations;
import io.sagaz.storage.StepStatus;
import io.sagaz.storage.TimeSpan;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Statistics count what is there. */
abstract class StatisticsPromises extends Promises {
    private static final Instant MONDAY = Instant.parse("1970-01-05T00:00:00Z");
    private static final Duration HOUR = Duration.ofHours(1);

    StatisticsPromises(SagaStoreContract contract) {
        super(contract);
    }

    private SagaId ended(String name, SagaStatus status) {
        SagaId id = writes().start(NewSaga.named(name)).id();
        bring(id, status);
        return id;
    }

    /** Clocks of the store and of this process may differ by an hour. */
    private static TimeSpan around(SagaId id) {
        return new TimeSpan(id.createdAt().minus(HOUR), id.createdAt().plus(HOUR));
    }

    @Test
    @DisplayName("count what began and what ended in each interval, those without any included")
    void throughputCountsEachInterval() {
        String name = newName();
        ended(name, SUCCESS);
        ended(name, SUCCESS);
        ended(name, FAILED);
        ended(name, COMPENSATED);
        ended(name, RUNNING);
        TimeSpan span = around(ended(name, SagaStatus.PENDING));
        Duration interval = Duration.ofMinutes(7);
        List<SagaThroughput> counted =
                statistics().named(name).throughput(span, interval).value();
        assertThat(counted.stream().mapToLong(SagaThroughput::started).sum()).isEqualTo(6);
        assertThat(counted.stream().mapToLong(SagaThroughput::succeeded).sum()).isEqualTo(2);
        assertThat(counted.stream().mapToLong(SagaThroughput::failed).sum()).isEqualTo(1);
        assertThat(counted.stream().mapToLong(SagaThroughput::compensated).sum())
                .isEqualTo(1);
        assertIntervals(counted.stream().map(SagaThroughput::begin).toList(), span, interval);
    }

    private static void assertIntervals(List<Instant> begins, TimeSpan span, Duration interval) {
        assertThat(begins.get(0))
                .isBeforeOrEqualTo(span.from())
                .isAfter(span.from().minus(interval));
        for (int i = 0; i < begins.size(); i++) {
            assertThat(begins.get(i)).isEqualTo(begins.get(0).plus(interval.multipliedBy(i)));
            assertThat(Duration.between(MONDAY, begins.get(i)).toMillis() % interval.toMillis())
                    .as("counted from midnight of a Monday")
                    .isZero();
        }
        Instant last = begins.get(begins.size() - 1);
        assertThat(last).isBefore(span.before());
        assertThat(last.plus(interval)).isAfterOrEqualTo(span.before());
    }

    @Test
    @DisplayName("tell how sagas ended, each kind by itself, and how long they took")
    void outcomesAndDurations() {
        String name = newName();
        ended(name, SUCCESS);
        ended(name, FAILED);
        ended(name, FAILED);
        ended(name, COMPENSATED);
        TimeSpan span = around(ended(name, RUNNING));
        SagaStatistics named = statistics().named(name);
        assertThat(named.outcomes(span).value()).containsExactly(new SagaOutcomes(name, 1, 2, 1));
        assertThat(statistics().outcomes(span).value()).contains(new SagaOutcomes(name, 1, 2, 1));
        SagaDurations durations = named.durations(span).value().orElseThrow();
        assertThat(durations.begin()).isEqualTo(span.from());
        assertThat(durations.finished()).isEqualTo(4);
        assertThat(List.of(
                        Duration.ZERO,
                        durations.p50(),
                        durations.p90(),
                        durations.p95(),
                        durations.p99(),
                        durations.max(),
                        HOUR))
                .isSorted();
        assertThat(named.durations(span, Duration.ofMinutes(1)).value().stream()
                        .mapToLong(SagaDurations::finished)
                        .sum())
                .isEqualTo(4);
        TimeSpan before = TimeSpan.last(HOUR, span.from());
        assertThat(named.outcomes(before).value()).isEmpty();
        assertThat(named.durations(before).value()).isEmpty();
        assertThat(named.durations(before, HOUR).value()).isEmpty();
    }

    @Test
    @DisplayName("tell which steps take longest, and which unfinished sagas are oldest")
    void slowestStepsAndOldestUnfinished() {
        String name = newName();
        SagaId first = writes().start(NewSaga.named(name).steps("a", "b", "c")).id();
        writes().apply(first, 1, SagaChange.to(RUNNING).andStep("a", StepStatus.RUNNING));
        writes().apply(first, 2, SagaChange.stepFailed("a", "no").andStep("b", StepStatus.RUNNING));
        writes().apply(first, 3, SagaChange.stepStarted("a"));
        writes().apply(first, 4, SagaChange.stepSucceeded("a", "1"));
        SagaId second = writes().start(NewSaga.named(name).steps("a")).id();
        writes().apply(second, 1, SagaChange.stepFailed("a", "no"));
        ended(name, FAILED);
        TimeSpan span = around(second);
        SagaStatistics named = statistics().named(name);
        List<StepDurations> steps = named.slowestSteps(span, 10).value();
        assertThat(steps).singleElement().satisfies(step -> {
            assertThat(step.saga()).isEqualTo(name);
            assertThat(step.step()).isEqualTo("a");
            assertThat(step.ended()).isEqualTo(2);
            assertThat(step.failed()).isEqualTo(1);
            assertThat(step.retries()).isEqualTo(1);
            assertThat(List.of(Duration.ZERO, step.p50(), step.p95(), step.p99(), step.max(), HOUR))
                    .isSorted();
        });
        assertThat(named.oldestUnfinished(span, 10).value())
                .extracting(SagaSummary::id)
                .containsExactly(first, second);
        assertThat(named.oldestUnfinished(span, 1).value())
                .containsExactly(find(first).summary());
    }

    @Test
    @DisplayName("count the events that came in in each interval")
    void eventsAreCounted() {
        SagaId now = SagaId.next();
        TimeSpan span = around(now);
        Duration interval = Duration.ofMinutes(7);
        long before = events(span, interval);
        writes().emit(List.of(OutboxEvent.to(newName()), OutboxEvent.to(newName())));
        assertThat(events(span, interval)).isEqualTo(before + 2);
        assertIntervals(
                outbox().throughput(span, interval).value().stream()
                        .map(OutboxThroughput::begin)
                        .toList(),
                span,
                interval);
    }

    private long events(TimeSpan span, Duration interval) {
        return outbox().throughput(span, interval).value().stream()
                .mapToLong(OutboxThroughput::events)
                .sum();
    }

    @Test
    @DisplayName("refuse null and what is out of bounds")
    @SuppressWarnings("NullAway") // What must not be null is.
    void badArgumentsAreRefused() {
        SagaStatistics statistics = statistics();
        TimeSpan day = TimeSpan.last(Duration.ofDays(1), Instant.now());
        refuses(() -> statistics.named(" "));
        refuses(() -> statistics.throughput(null, HOUR));
        refuses(() -> statistics.throughput(day, null));
        refuses(() -> statistics.throughput(day, Duration.ZERO));
        refuses(() -> statistics.throughput(day, Duration.ofSeconds(1)));
        refuses(() -> statistics.durations(null));
        refuses(() -> statistics.durations(day, Duration.ofMillis(1)));
        refuses(() -> statistics.outcomes(null));
        refuses(() -> statistics.slowestSteps(day, 0));
        refuses(() -> statistics.slowestSteps(null, 1));
        refuses(() -> statistics.oldestUnfinished(day, SagaStatistics.MOST_ROWS + 1));
        refuses(() -> statistics.oldestUnfinished(null, 1));
    }
}
