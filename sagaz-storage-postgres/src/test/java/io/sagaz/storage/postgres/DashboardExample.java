package io.sagaz.storage.postgres;

import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.ReadResult;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.SagaStatistics;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.TimeSpan;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/** The sample of docs/dashboards.md: what stands between the two marks stands there, letter by letter. */
final class DashboardExample {
    private final Map<String, Double> reported = new TreeMap<>();

    Map<String, Double> run(RoutingSagaStore store) {
        // begin
        Instant now = Instant.now();
        TimeSpan lastHours = TimeSpan.last(Duration.ofHours(6), now);
        ReadConsistency recent = ReadConsistency.atMost(Duration.ofSeconds(30));
        SagaStatistics orders = store.statistics(recent).named("order"); // without named: of all kinds

        orders.throughput(lastHours, Duration.ofMinutes(5)); // begun and ended, for each five minutes
        orders.durations(lastHours, Duration.ofMinutes(5)); // p50, p90, p95, p99, max
        orders.outcomes(lastHours).value().forEach(kind -> report(kind.name(), kind.failureRate()));
        orders.slowestSteps(lastHours, 10);
        orders.oldestUnfinished(TimeSpan.last(Duration.ofDays(365), now), 10);
        store.outbox(recent).depth(); // how far each relay is behind, parked events, dead letters

        // An export of any size: a thousand rows in memory at a time, all of one moment.
        SagaFilter failed = SagaFilter.named("order").status(SagaStatus.FAILED).createdFrom(lastHours.from());
        ReadResult<Long> exported =
                store.reads(recent).forEach(failed, saga -> report(saga.id().toString(), 1));
        // end
        report("exported", exported.value());
        return reported;
    }

    private void report(String what, double value) {
        reported.put(what, value);
    }
}
