package io.sagaz.storage.postgres.internal.meters;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import io.sagaz.storage.ChangeResult;
import io.sagaz.storage.InboxResult;
import io.sagaz.storage.ReadReceipt;
import io.sagaz.storage.ReadSource;
import io.sagaz.storage.RouteReason;
import io.sagaz.storage.StartResult;
import io.sagaz.storage.StoreException;
import io.sagaz.storage.postgres.StoreMeterNames;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/** Counts and times what the store does. Safe for threads. */
public final class StoreMeters implements AutoCloseable {
    /** The tags of a timer of reads. */
    private record Route(String operation, ReadSource source, RouteReason reason) {}

    private final MeterRegistry registry;
    /** To look one up in the registry takes longer than the decision where a read goes. */
    private final Map<Route, Timer> reads = new ConcurrentHashMap<>();

    private final Map<ReadSource, Timer> staleness = new ConcurrentHashMap<>();
    private final Set<Meter> gauges = ConcurrentHashMap.newKeySet();

    /** Meters in this registry. */
    public StoreMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    /** A read was answered. */
    public void read(String operation, ReadReceipt receipt, long nanos) {
        reads.computeIfAbsent(new Route(operation, receipt.source(), receipt.reason()), this::readTimer)
                .record(nanos, TimeUnit.NANOSECONDS);
        if (receipt.staleness().isPresent()) {
            staleness
                    .computeIfAbsent(receipt.source(), this::stalenessTimer)
                    .record(receipt.staleness().get());
        }
    }

    private Timer readTimer(Route route) {
        return timer(StoreMeterNames.READS, "Reads that were answered, by the route they took")
                .tag("operation", route.operation())
                .tag("source", tag(route.source()))
                .tag("reason", tag(route.reason()))
                .register(registry);
    }

    private Timer stalenessTimer(ReadSource source) {
        return timer(StoreMeterNames.READ_STALENESS, "Upper bounds of the staleness of answers")
                .tag("source", tag(source))
                .register(registry);
    }

    /** A read was sent away: no replica was fresh enough, and nobody else was to be asked. */
    public void readRejected(String operation, RouteReason reason) {
        Counter.builder(StoreMeterNames.READS_REJECTED)
                .description("Reads that were sent away as ReplicaTooStale")
                .tag("operation", operation)
                .tag("reason", tag(reason))
                .register(registry)
                .increment();
    }

    /**
     * Something to be timed.
     *
     * @param <T> what it gives back
     * @param <X> what it may throw
     */
    @FunctionalInterface
    public interface Timed<T, X extends Exception> {
        /** Does it. */
        T run() throws X;
    }

    /** Times a write and counts what came of it. */
    public <T, X extends Exception> T time(String operation, Timed<T, X> write) throws X {
        long begin = System.nanoTime();
        String outcome = "failed";
        try {
            T answer = write.run();
            outcome = answer instanceof StartResult || answer instanceof ChangeResult ? nameOf(answer) : "done";
            return answer;
        } catch (StoreException e) {
            outcome = nameOf(e);
            throw e;
        } finally {
            timer(StoreMeterNames.WRITES, "Writes, by what came of them")
                    .tag("operation", operation)
                    .tag("outcome", outcome)
                    .register(registry)
                    .record(System.nanoTime() - begin, TimeUnit.NANOSECONDS);
        }
    }

    /** A delivery was dealt with. */
    public void received(String consumer, Optional<String> type, InboxResult result, long nanos) {
        if (result instanceof InboxResult.Duplicate) {
            ofInbox(StoreMeterNames.INBOX_DUPLICATES, "Deliveries of events that were handled before", consumer, type)
                    .increment();
            return;
        }
        ofInbox(StoreMeterNames.INBOX_PROCESSED, "Events that were handled", consumer, type)
                .increment();
        timer(StoreMeterNames.INBOX_PROCESSING, "How long it took to handle an event")
                .tag("consumer_name", consumer)
                .tag("event_type", type.orElse("none"))
                .register(registry)
                .record(nanos, TimeUnit.NANOSECONDS);
    }

    private Counter ofInbox(String name, String description, String consumer, Optional<String> type) {
        return Counter.builder(name)
                .description(description)
                .tag("consumer_name", consumer)
                .tag("event_type", type.orElse("none"))
                .register(registry);
    }

    /** A write is about to be tried again. */
    public void repeating(String operation, boolean outcomeOpen) {
        Counter.builder(StoreMeterNames.WRITE_REPEATS)
                .description("Writes that were tried again")
                .tag("operation", operation)
                .tag("outcome", outcomeOpen ? "open" : "undone")
                .register(registry)
                .increment();
    }

    /** Shows the bound of a replica, in seconds. */
    public void replica(String server, ToDoubleFunction<String> stalenessSeconds) {
        gauges.add(TimeGauge.builder(StoreMeterNames.REPLICATION_LAG, server, TimeUnit.SECONDS, stalenessSeconds)
                .description("Upper bound of a replica's staleness; infinite while nothing can be proved")
                .tag("replica", server)
                .strongReference(true)
                .register(registry));
    }

    /** Shows how old the newest sample of the primary is, in seconds. */
    public <T> void sampleAge(T source, ToDoubleFunction<T> seconds) {
        gauges.add(Gauge.builder(StoreMeterNames.SAMPLE_AGE, source, seconds)
                .description("Age of the newest sample of the primary's log")
                .baseUnit("seconds")
                .register(registry));
    }

    /** Shows how many reads are at the primary because no replica could answer them, and how many may be. */
    public <T> void primaryReads(T source, ToDoubleFunction<T> now, ToDoubleFunction<T> most) {
        gauges.add(Gauge.builder(StoreMeterNames.PRIMARY_READS, source, now)
                .description("Reads at the primary because no replica could answer them")
                .register(registry));
        gauges.add(Gauge.builder(StoreMeterNames.PRIMARY_READS_MAX, source, most)
                .description("How many reads may be at the primary because no replica could answer them")
                .register(registry));
    }

    /** A read has waited for a replica to reach what it must see. */
    public void readWaited(boolean reached, long nanos) {
        timer(StoreMeterNames.READ_WAITS, "Waits of reads for a replica to reach a token or a write")
                .tag("outcome", reached ? "reached" : "given_up")
                .register(registry)
                .record(nanos, TimeUnit.NANOSECONDS);
    }

    private static Timer.Builder timer(String name, String description) {
        return Timer.builder(name).description(description);
    }

    private static String nameOf(Object outcome) {
        return outcome.getClass().getSimpleName().toLowerCase(Locale.ROOT);
    }

    private static String tag(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /** Takes the gauges away: what they show is gone. */
    @Override
    public void close() {
        gauges.forEach(registry::remove);
    }
}
