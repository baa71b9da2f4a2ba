package io.sagaz.cli.demo;

import io.sagaz.storage.RouteReason;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The run at one moment: all that a screen shows. Immutable.
 *
 * @param stage where the run stands
 * @param elapsed how long orders have been coming in
 * @param run how long they will come in altogether
 * @param writes the order service
 * @param reads the dashboard
 * @param troubles what went wrong
 * @param story what happened so far
 */
record Snapshot(
        Stage stage, Duration elapsed, Duration run, Writes writes, Reads reads, Troubles troubles, Story story) {

    /** Where a run stands. */
    enum Stage {
        /** Orders come in. */
        RUNNING,
        /** Orders come in, and the replicas do not replay what the primary sends. */
        PAUSED,
        /** No more orders are taken; those in work are finished. */
        FINISHING
    }

    /**
     * The order service.
     *
     * @param totals the sums of the ledger
     * @param sagasPerSecond sagas finished, lately
     * @param eventsPerSecond events emitted, lately
     * @param latency of a transaction, lately
     */
    record Writes(Ledger.Totals totals, double sagasPerSecond, double eventsPerSecond, Latencies.Percentiles latency) {}

    /**
     * The dashboard.
     *
     * @param replica what replicas answered
     * @param primary what the primary answered
     * @param latency of a read, lately
     * @param reasons how often a read went where it went, by reason; without those that never applied
     * @param newestBound the staleness bound of the newest answer
     * @param largestReplicaBound the largest one of an answer that a replica gave
     */
    record Reads(
            Route replica,
            Route primary,
            Latencies.Percentiles latency,
            Map<RouteReason, Long> reasons,
            Duration newestBound,
            Duration largestReplicaBound) {
        Reads {
            reasons = Map.copyOf(reasons);
        }
    }

    /**
     * A way that reads take.
     *
     * @param total the reads so far
     * @param perSecond the reads, lately
     * @param history the reads in each slot of the run
     */
    record Route(long total, double perSecond, List<Integer> history) {
        Route {
            history = List.copyOf(history);
        }
    }
}
