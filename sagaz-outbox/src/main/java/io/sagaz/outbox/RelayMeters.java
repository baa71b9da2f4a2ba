package io.sagaz.outbox;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/** Counts and times what a relay does. Safe for threads. */
final class RelayMeters implements AutoCloseable {
    private final MeterRegistry registry;
    private final String relay;
    private final Counter published;
    private final Counter failed;
    private final Counter parked;
    private final Counter dead;
    private final Counter rejected;
    private final Timer publish;
    private final Timer delivery;
    private final DistributionSummary batchSize;
    private final List<Meter> gauges = new ArrayList<>();

    RelayMeters(MeterRegistry registry, String relay) {
        this.registry = registry;
        this.relay = relay;
        published = counter(RelayMeterNames.PUBLISHED, "Events that the broker has acknowledged");
        failed = counter(RelayMeterNames.FAILED, "Attempts that failed because of the event");
        parked = counter(RelayMeterNames.PARKED, "Events that were parked");
        dead = counter(RelayMeterNames.DEAD, "Events that were given up");
        rejected = counter(RelayMeterNames.REJECTED, "Batches that were acknowledged too late");
        publish = Timer.builder(RelayMeterNames.PUBLISH)
                .description("From handing an event to its publisher to the broker's acknowledgement")
                .tag("relay", relay)
                .register(registry);
        delivery = Timer.builder(RelayMeterNames.DELIVERY)
                .description("From the time in an event's identifier to the broker's acknowledgement")
                .tag("relay", relay)
                .register(registry);
        batchSize = DistributionSummary.builder(RelayMeterNames.BATCH_SIZE)
                .description("Events of a batch")
                .tag("relay", relay)
                .register(registry);
    }

    private Counter counter(String name, String description) {
        return Counter.builder(name)
                .description(description)
                .tag("relay", relay)
                .register(registry);
    }

    void batch(int events) {
        batchSize.record(events);
    }

    void published(Instant createdAt, long nanos) {
        published.increment();
        publish.record(nanos, TimeUnit.NANOSECONDS);
        delivery.record(Math.max(0, System.currentTimeMillis() - createdAt.toEpochMilli()), TimeUnit.MILLISECONDS);
    }

    void failed() {
        failed.increment();
    }

    void parked() {
        parked.increment();
    }

    void dead() {
        dead.increment();
    }

    void rejected() {
        rejected.increment();
    }

    <T> void gauge(String name, String description, T source, ToDoubleFunction<T> value) {
        gauge(name, Tags.empty(), description, source, value);
    }

    <T> void gauge(String name, Tags tags, String description, T source, ToDoubleFunction<T> value) {
        gauges.add(Gauge.builder(name, source, value)
                .description(description)
                .tags(tags.and("relay", relay))
                .register(registry));
    }

    /** Takes the gauges away: what they show is gone. */
    @Override
    public void close() {
        gauges.forEach(registry::remove);
    }
}
