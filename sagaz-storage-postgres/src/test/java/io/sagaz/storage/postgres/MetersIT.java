package io.sagaz.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.ReadSource;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaStatus;
import io.sagaz.testkit.Await;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class MetersIT {
    @Test
    void metersTellOfPoolsRoutesWritesAndLag() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        try (RoutingSagaStore store =
                Stand.builder(Stand.newSchema()).meterRegistry(registry).build()) {
            SagaId id = store.start(NewSaga.named("metered")).id();
            store.apply(id, 1, SagaChange.to(SagaStatus.RUNNING));
            store.apply(id, 1, SagaChange.to(SagaStatus.RUNNING));
            store.reads(ReadConsistency.strong()).find(id);
            ReadConsistency seconds = ReadConsistency.atMost(Duration.ofSeconds(5));
            Await.until(
                    "a replica answers",
                    () -> store.reads(seconds)
                                    .countByStatus(SagaFilter.all())
                                    .receipt()
                                    .source()
                            == ReadSource.REPLICA);

            assertThat(count(registry, StoreMeterNames.WRITES, "operation", "start", "outcome", "started"))
                    .isEqualTo(1);
            assertThat(count(registry, StoreMeterNames.WRITES, "operation", "apply", "outcome", "applied"))
                    .isEqualTo(1);
            assertThat(count(registry, StoreMeterNames.WRITES, "operation", "apply", "outcome", "conflict"))
                    .isEqualTo(1);
            assertThat(count(registry, StoreMeterNames.READS, "source", "primary", "reason", "strong_requested"))
                    .isEqualTo(1);
            assertThat(count(registry, StoreMeterNames.READS, "source", "replica", "reason", "replica_fresh"))
                    .isPositive();
            assertThat(registry.get(StoreMeterNames.REPLICATION_LAG).timeGauges())
                    .isNotEmpty()
                    .allSatisfy(lag -> assertThat(lag.value(java.util.concurrent.TimeUnit.SECONDS))
                            .isBetween(0.0, 30.0));
            assertThat(registry.get(StoreMeterNames.SAMPLE_AGE).gauge().value()).isBetween(0.0, 30.0);
            for (String pool : new String[] {"sagaz-rw", "sagaz-ro"}) {
                assertThat(registry.get("hikaricp.connections.active")
                                .tag("pool", pool)
                                .gauge()
                                .value())
                        .isNotNegative();
            }
        }
        assertThat(registry.getMeters().stream().map(Meter::getId).map(Meter.Id::getName))
                .as("gauges of a closed store are gone")
                .doesNotContain(StoreMeterNames.REPLICATION_LAG, StoreMeterNames.SAMPLE_AGE);
    }

    private static long count(SimpleMeterRegistry registry, String name, String... tags) {
        return registry.get(name).tags(tags).timers().stream()
                .mapToLong(timer -> timer.count())
                .sum();
    }
}
