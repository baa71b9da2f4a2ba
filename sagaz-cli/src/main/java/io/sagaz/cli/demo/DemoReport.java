package io.sagaz.cli.demo;

import io.sagaz.storage.RouteReason;
import io.sagaz.testkit.Sources;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What came of a run.
 *
 * @param options what was asked for
 * @param sources which programs ran
 * @param topologyStart how long they took to start
 * @param workload how long orders came in, until the last one was finished
 * @param totals the sums of the ledger
 * @param writes how long a transaction took
 * @param reads what the dashboard saw
 * @param moves when reads left the replicas and when they came back
 * @param troubles what went wrong on the way
 * @param verdict what came of checking the books
 * @param replicaDifferences in what the replicas differ from the primary after they have caught up
 * @param examples the first of what was wrong while the workload ran, for people
 */
record DemoReport(
        DemoOptions options,
        Sources sources,
        Duration topologyStart,
        Duration workload,
        Ledger.Totals totals,
        Latencies.Percentiles writes,
        Reads reads,
        Moves moves,
        Troubles troubles,
        Verdict verdict,
        List<String> replicaDifferences,
        List<String> examples) {

    /** Reasons for which a read does not go to the primary against the caller's wish. */
    private static final Set<RouteReason> NO_FALLBACK =
            EnumSet.of(RouteReason.REPLICA_FRESH, RouteReason.ANY_ACCEPTED, RouteReason.STRONG_REQUESTED);

    DemoReport {
        replicaDifferences = List.copyOf(replicaDifferences);
        examples = List.copyOf(examples);
    }

    /**
     * What the dashboard saw.
     *
     * @param replica reads that replicas answered
     * @param primary reads that the primary answered
     * @param latency how long a read took
     * @param reasons how often each reason applied
     * @param largestReplicaBound the largest staleness bound of an answer that a replica gave
     */
    record Reads(
            long replica,
            long primary,
            Latencies.Percentiles latency,
            Map<RouteReason, Long> reasons,
            Duration largestReplicaBound) {
        Reads {
            reasons = Map.copyOf(reasons);
        }

        /** How often each reason sent a read to the primary that could have been answered by a replica. */
        Map<RouteReason, Long> fallbacks() {
            return reasons.entrySet().stream()
                    .filter(entry -> !NO_FALLBACK.contains(entry.getKey()))
                    .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
        }
    }

    /**
     * When reads left the replicas and came back.
     *
     * @param paused whether replay was paused at all
     * @param toPrimary how long after replay was paused; empty if they stayed
     * @param toReplica how long after replay went on; empty if they stayed away
     */
    record Moves(boolean paused, Optional<Duration> toPrimary, Optional<Duration> toReplica) {}

    double sagasPerSecond() {
        return perSecond(totals.finished());
    }

    double eventsPerSecond() {
        return perSecond(totals.transactions());
    }

    private double perSecond(long count) {
        return count * 1e3 / Math.max(1, workload.toMillis());
    }

    /** Whether everything that was promised was kept. */
    boolean isClean() {
        return verdict.isClean()
                && replicaDifferences.isEmpty()
                && troubles.staleViolations() == 0
                && troubles.tornReads() == 0
                && troubles.errors() == 0;
    }
}
