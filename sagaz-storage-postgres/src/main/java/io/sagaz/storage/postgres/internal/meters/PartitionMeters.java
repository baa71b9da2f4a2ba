package io.sagaz.storage.postgres.internal.meters;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.sagaz.migrations.PartitionStatistics;
import io.sagaz.storage.postgres.StoreMeterNames;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** Shows how the partitions are, as of the last maintenance. Safe for threads. */
public final class PartitionMeters implements AutoCloseable {
    private final MeterRegistry registry;
    private final Timer duration;
    private final Counter errors;
    private final Map<String, PartitionStatistics> latest = new ConcurrentHashMap<>();
    private final Set<Meter> gauges = ConcurrentHashMap.newKeySet();

    /** Meters in this registry. */
    public PartitionMeters(MeterRegistry registry) {
        this.registry = registry;
        duration = Timer.builder(StoreMeterNames.PARTITION_MAINTENANCE)
                .description("How long maintaining the partitions took")
                .register(registry);
        errors = Counter.builder(StoreMeterNames.PARTITION_MAINTENANCE_ERRORS)
                .description("What went wrong while maintaining the partitions")
                .register(registry);
    }

    /** A maintenance has ended. */
    public void maintained(Duration took, int failures) {
        duration.record(took);
        errors.increment(failures);
    }

    /** How the tables are now. */
    public void statistics(List<PartitionStatistics> tables) {
        for (PartitionStatistics table : tables) {
            if (latest.put(table.table(), table) == null) {
                show(table.table());
            }
        }
    }

    private void show(String table) {
        gauge(StoreMeterNames.PARTITION_COUNT, "Partitions", null, table, PartitionStatistics::partitions);
        gauge(StoreMeterNames.PARTITION_SIZE, "Size with indexes", "bytes", table, PartitionStatistics::bytes);
        gauge(
                StoreMeterNames.PARTITION_EXPIRED,
                "Partitions older than they must be kept",
                null,
                table,
                PartitionStatistics::expired);
        gauge(
                StoreMeterNames.PARTITION_WRITABLE,
                "How long rows can be written without another partition",
                "seconds",
                table,
                statistics -> statistics
                        .writableUntil()
                        .map(until -> Duration.between(Instant.now(), until).toMillis() / 1_000.0)
                        .orElse(0.0));
    }

    private void gauge(
            String name,
            String description,
            @Nullable String unit,
            String table,
            ToDoubleFunction<PartitionStatistics> value) {
        gauges.add(Gauge.builder(name, latest, known -> {
                    PartitionStatistics statistics = known.get(table);
                    return statistics == null ? Double.NaN : value.applyAsDouble(statistics);
                })
                .description(description)
                .baseUnit(unit)
                .tag("table", table)
                .strongReference(true)
                .register(registry));
    }

    /** Takes the gauges away: what they show is not looked at any more. */
    @Override
    public void close() {
        gauges.forEach(registry::remove);
    }
}
