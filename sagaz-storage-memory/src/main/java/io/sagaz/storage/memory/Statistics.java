package io.sagaz.storage.memory;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import io.sagaz.storage.PartitionSize;
import io.sagaz.storage.ReadResult;
import io.sagaz.storage.Saga;
import io.sagaz.storage.SagaDurations;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.SagaOutcomes;
import io.sagaz.storage.SagaStatistics;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.SagaStep;
import io.sagaz.storage.SagaSummary;
import io.sagaz.storage.SagaThroughput;
import io.sagaz.storage.StepDurations;
import io.sagaz.storage.StepStatus;
import io.sagaz.storage.TimeSpan;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Counts what is there now. Safe for threads. */
final class Statistics implements SagaStatistics {
    private final Tables tables;
    private final Optional<String> name;

    Statistics(Tables tables, Optional<String> name) {
        this.tables = tables;
        this.name = name;
    }

    @Override
    public SagaStatistics named(String name) {
        return new Statistics(tables, SagaFilter.named(name).name());
    }

    @Override
    public ReadResult<List<SagaThroughput>> throughput(TimeSpan span, Duration interval) {
        Intervals intervals = new Intervals(span, interval);
        Map<Instant, List<Saga>> made = made(span).stream()
                .collect(groupingBy(saga -> intervals.begin(saga.id().createdAt())));
        Map<Instant, List<Saga>> ended = ended(span).stream().collect(groupingBy(saga -> intervals.begin(end(saga))));
        return Answers.of(intervals.begins().stream()
                .map(begin -> {
                    SagaOutcomes outcomes = outcomes("", ended.getOrDefault(begin, List.of()));
                    return new SagaThroughput(
                            begin,
                            made.getOrDefault(begin, List.of()).size(),
                            outcomes.succeeded(),
                            outcomes.failed(),
                            outcomes.compensated());
                })
                .toList());
    }

    @Override
    public ReadResult<List<SagaOutcomes>> outcomes(TimeSpan span) {
        Checks.present("span", span);
        Map<String, List<Saga>> ended =
                ended(span).stream().collect(groupingBy(saga -> saga.summary().name(), TreeMap::new, toList()));
        return Answers.of(ended.entrySet().stream()
                .map(each -> outcomes(each.getKey(), each.getValue()))
                .toList());
    }

    @Override
    public ReadResult<Optional<SagaDurations>> durations(TimeSpan span) {
        Checks.present("span", span);
        List<Saga> ended = ended(span);
        return Answers.of(ended.isEmpty() ? Optional.empty() : Optional.of(durations(span.from(), ended)));
    }

    @Override
    public ReadResult<List<SagaDurations>> durations(TimeSpan span, Duration interval) {
        Intervals intervals = new Intervals(span, interval);
        Map<Instant, List<Saga>> ended =
                ended(span).stream().collect(groupingBy(saga -> intervals.begin(end(saga)), TreeMap::new, toList()));
        return Answers.of(ended.entrySet().stream()
                .map(each -> durations(each.getKey(), each.getValue()))
                .toList());
    }

    @Override
    public ReadResult<List<StepDurations>> slowestSteps(TimeSpan span, int limit) {
        Checks.present("span", span);
        Checks.number("limit", limit, 1, MOST_ROWS);
        Map<List<String>, List<SagaStep>> ended = new TreeMap<>(
                Comparator.<List<String>, String>comparing(key -> key.get(0)).thenComparing(key -> key.get(1)));
        for (Saga saga : made(span)) {
            saga.steps().stream()
                    .filter(Statistics::hasEnded)
                    .forEach(step -> ended.computeIfAbsent(
                                    List.of(saga.summary().name(), step.name()), key -> new ArrayList<>())
                            .add(step));
        }
        return Answers.of(ended.entrySet().stream()
                .map(each -> durations(each.getKey().get(0), each.getKey().get(1), each.getValue()))
                .sorted(Comparator.comparing(StepDurations::p95).reversed())
                .limit(limit)
                .toList());
    }

    @Override
    public ReadResult<List<SagaSummary>> oldestUnfinished(TimeSpan span, int limit) {
        Checks.present("span", span);
        Checks.number("limit", limit, 1, MOST_ROWS);
        return Answers.of(made(span).stream()
                .map(Saga::summary)
                .filter(saga -> !saga.status().isFinished())
                .limit(limit)
                .toList());
    }

    /** None: nothing is partitioned. */
    @Override
    public ReadResult<List<PartitionSize>> partitions() {
        return Answers.of(List.of());
    }

    /** By a clock that was not set back meanwhile. */
    private static boolean hasEnded(SagaStep step) {
        return (step.status() == StepStatus.SUCCESS || step.status() == StepStatus.FAILED)
                && !duration(step).isNegative();
    }

    private static Duration duration(SagaStep step) {
        return Duration.between(
                step.startedAt().orElseThrow(), step.completedAt().orElseThrow());
    }

    /** The oldest first. */
    private List<Saga> made(TimeSpan span) {
        return sagas().stream()
                .filter(saga -> Intervals.contains(span, saga.id().createdAt()))
                .toList();
    }

    private List<Saga> ended(TimeSpan span) {
        return sagas().stream()
                .filter(saga -> saga.summary()
                        .completedAt()
                        .filter(end -> Intervals.contains(span, end))
                        .isPresent())
                .toList();
    }

    private List<Saga> sagas() {
        return tables.locked(() -> tables.sagas().stream()
                .filter(saga -> name.filter(
                                wanted -> !wanted.equals(saga.summary().name()))
                        .isEmpty())
                .toList());
    }

    private static Instant end(Saga saga) {
        return saga.summary().completedAt().orElseThrow();
    }

    private static SagaOutcomes outcomes(String name, List<Saga> ended) {
        return new SagaOutcomes(
                name,
                count(ended, SagaStatus.SUCCESS),
                count(ended, SagaStatus.FAILED),
                count(ended, SagaStatus.COMPENSATED));
    }

    private static long count(List<Saga> sagas, SagaStatus status) {
        return sagas.stream().filter(saga -> saga.status() == status).count();
    }

    private static SagaDurations durations(Instant begin, List<Saga> ended) {
        List<Duration> sorted = ended.stream()
                .map(saga -> Duration.between(saga.id().createdAt(), end(saga)))
                .map(duration -> duration.isNegative() ? Duration.ZERO : duration)
                .sorted()
                .toList();
        return new SagaDurations(
                begin,
                sorted.size(),
                percentile(sorted, 50),
                percentile(sorted, 90),
                percentile(sorted, 95),
                percentile(sorted, 99),
                percentile(sorted, 100));
    }

    private static StepDurations durations(String saga, String name, List<SagaStep> steps) {
        List<Duration> sorted =
                steps.stream().map(Statistics::duration).sorted().toList();
        return new StepDurations(
                saga,
                name,
                steps.size(),
                steps.stream()
                        .filter(step -> step.status() == StepStatus.FAILED)
                        .count(),
                steps.stream().mapToLong(SagaStep::retries).sum(),
                percentile(sorted, 50),
                percentile(sorted, 95),
                percentile(sorted, 99),
                percentile(sorted, 100));
    }

    /** Of the nearest rank. */
    private static Duration percentile(List<Duration> sorted, int percent) {
        int rank = (sorted.size() * percent + 99) / 100;
        return sorted.get(Math.max(0, rank - 1));
    }
}
