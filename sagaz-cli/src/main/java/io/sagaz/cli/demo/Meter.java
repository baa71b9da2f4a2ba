package io.sagaz.cli.demo;

import io.sagaz.storage.ReadReceipt;
import io.sagaz.storage.ReadSource;
import io.sagaz.storage.RouteReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts what the order service and the dashboard live through. Safe for threads, except for {@link #tick()} and the
 * percentiles, which belong to the one thread that samples.
 */
final class Meter {
    private static final Logger LOG = LoggerFactory.getLogger(Meter.class);

    /** Ticks that "lately" covers. */
    private static final int RECENT_TICKS = 5;

    private static final int EXAMPLES = 20;

    private final Latencies writes = new Latencies(RECENT_TICKS);
    private final Latencies reads = new Latencies(RECENT_TICKS);
    private final Map<ReadSource, LongAdder> readsBySource = counters(ReadSource.class);
    private final Map<RouteReason, LongAdder> readsByReason = counters(RouteReason.class);
    private final LongAccumulator largestReplicaBoundNanos = new LongAccumulator(Math::max, 0);
    private final AtomicLong newestBoundNanos = new AtomicLong();
    private final History history;

    private final LongAdder writesRetried = new LongAdder();
    private final LongAdder outcomesUnknown = new LongAdder();
    private final LongAdder readsRefused = new LongAdder();
    private final LongAdder readsRetried = new LongAdder();
    private final LongAdder staleViolations = new LongAdder();
    private final LongAdder tornReads = new LongAdder();
    private final LongAdder errors = new LongAdder();
    private final List<String> examples = new ArrayList<>();

    /** Starts at zero; {@code run} is how long the workload will go on. */
    Meter(Duration run) {
        this.history = new History(run.toNanos());
    }

    /** A transaction was acknowledged. */
    void wrote(long nanos) {
        writes.record(nanos);
    }

    /** A transaction failed in a way that asks to try again. */
    void writeRetried() {
        writesRetried.increment();
    }

    /** The connection was lost during a commit. */
    void outcomeUnknown() {
        outcomesUnknown.increment();
    }

    /** A read was answered. */
    void read(ReadReceipt receipt, long nanos, long elapsedNanos) {
        reads.record(nanos);
        count(readsBySource, receipt.source());
        count(readsByReason, receipt.reason());
        history.add(elapsedNanos, receipt.source());
        receipt.staleness().ifPresent(bound -> {
            newestBoundNanos.set(bound.toNanos());
            if (receipt.source() == ReadSource.REPLICA) {
                largestReplicaBoundNanos.accumulate(bound.toNanos());
            }
        });
    }

    /** No replica was fresh enough, and the primary had no room for reads. */
    void readRefused() {
        readsRefused.increment();
    }

    /** A read failed in a way that asks to try again. */
    void readRetried() {
        readsRetried.increment();
    }

    /** An answer was checked. */
    void checked(AnswerCheck.Findings findings) {
        staleViolations.add(findings.stale().size());
        tornReads.add(findings.torn().size());
        findings.stale().forEach(what -> example("too old: " + what));
        findings.torn().forEach(what -> example("torn: " + what));
    }

    /** Something failed that nobody expects; the log gets all of it. */
    void failed(String what, Throwable cause) {
        LOG.warn("{} failed", what, cause);
        errors.increment();
        example(what + ": " + cause);
    }

    /** Takes in the latencies since the tick before. */
    void tick() {
        writes.tick();
        reads.tick();
    }

    Latencies writes() {
        return writes;
    }

    Latencies reads() {
        return reads;
    }

    History history() {
        return history;
    }

    long reads(ReadSource source) {
        return sum(readsBySource, source);
    }

    long reads(RouteReason reason) {
        return sum(readsByReason, reason);
    }

    /** The largest bound of an answer that a replica gave. */
    Duration largestReplicaBound() {
        return Duration.ofNanos(largestReplicaBoundNanos.get());
    }

    /** The bound of the newest answer that had one. */
    Duration newestBound() {
        return Duration.ofNanos(newestBoundNanos.get());
    }

    /** How often each kind of trouble was met. */
    Troubles troubles() {
        return new Troubles(
                writesRetried.sum(),
                outcomesUnknown.sum(),
                readsRetried.sum(),
                readsRefused.sum(),
                staleViolations.sum(),
                tornReads.sum(),
                errors.sum());
    }

    /** The first of what was wrong, for people. */
    List<String> examples() {
        synchronized (examples) {
            return List.copyOf(examples);
        }
    }

    private void example(String what) {
        synchronized (examples) {
            if (examples.size() < EXAMPLES) {
                examples.add(what);
            }
        }
    }

    private static <E extends Enum<E>> Map<E, LongAdder> counters(Class<E> type) {
        Map<E, LongAdder> counters = new EnumMap<>(type);
        for (E constant : type.getEnumConstants()) {
            counters.put(constant, new LongAdder());
        }
        return counters;
    }

    private static <E extends Enum<E>> void count(Map<E, LongAdder> counters, E what) {
        LongAdder counter = counters.get(what);
        if (counter != null) {
            counter.increment();
        }
    }

    private static <E extends Enum<E>> long sum(Map<E, LongAdder> counters, E what) {
        LongAdder counter = counters.get(what);
        return counter == null ? 0 : counter.sum();
    }
}
