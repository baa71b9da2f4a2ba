package io.sagaz.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sagaz.storage.log.OutboxBatch;
import io.sagaz.storage.log.ParkedKey;
import io.sagaz.storage.log.Unpublished;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BatchUnderWayTest {
    private static final long NOW = 7_000_000_000L;
    private static final RetryPolicy TWICE = new RetryPolicy(2, Duration.ofSeconds(1), Duration.ofSeconds(1));
    private static final RetryPolicy ONCE = new RetryPolicy(1, Duration.ofSeconds(1), Duration.ofSeconds(1));

    private final RuntimeException refused = new EventRefusedException("too large", null);
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final ParkedKeys keys = new ParkedKeys();

    @Test
    void itsEventsAreDeliveredInTheirOrder() {
        OutboxBatch events = Events.batch("a", "b", "a");
        BatchUnderWay batch = batch(events, TWICE);
        assertThat(batch.batch()).isEqualTo(events);
        assertThat(batch.size()).isEqualTo(3);
        assertThat(batch.deliveries())
                .allSatisfy(delivery -> {
                    assertThat(delivery.target()).isSameAs(batch);
                    assertThat(delivery.isParked()).isFalse();
                    assertThat(delivery.outgoing().token()).isEqualTo(Events.TOKEN);
                    assertThat(delivery.outgoing().event())
                            .isEqualTo(delivery.sharded().event());
                })
                .extracting(Delivery::sharded)
                .isEqualTo(events.events());
    }

    @Test
    void itIsDoneWhenItIsKnownOfEachWhatBecameOfIt() {
        BatchUnderWay batch = batch(Events.batch("a", "b", "b"), TWICE);
        List<Delivery> deliveries = batch.deliveries();
        assertThat(batch.published(deliveries.get(0))).as("nothing follows").isNull();
        assertThat(batch.isDone()).isFalse();
        batch.failed(deliveries.get(1), refused);
        assertThat(batch.isDone()).isFalse();
        batch.skipped(deliveries.get(2));
        assertThat(batch.isDone()).isTrue();
        assertThat(batch.unpublished())
                .extracting(each -> each.event().event().number())
                .containsExactly(2L, 3L);
    }

    @Test
    void anEventThatIsNotTakenIsParkedUntilItIsTriedAgain() {
        BatchUnderWay batch = batch(Events.batch("a"), TWICE);
        Delivery.Verdict verdict = batch.failed(batch.deliveries().get(0), refused);
        assertThat(verdict).isEqualTo(new Delivery.Verdict(true, null));
        Unpublished unpublished = batch.unpublished().get(0);
        Duration retryIn = unpublished.retryIn().orElseThrow();
        assertThat(retryIn).isBetween(Duration.ofMillis(800), Duration.ofMillis(1_200));
        assertThat(unpublished)
                .isEqualTo(new Unpublished(
                        Events.event("a", 1), 1, Optional.of(retryIn), Optional.of(refused.toString())));
        assertThat(keys.nanosUntilDue(NOW)).isEqualTo(retryIn.toNanos());
        assertThat(count(RelayMeterNames.PARKED)).isEqualTo(1);
        assertThat(count(RelayMeterNames.DEAD)).isZero();
    }

    @Test
    void anEventThatIsGivenUpBecomesADeadLetterAndHoldsNobodyUp() {
        BatchUnderWay batch = batch(Events.batch("a"), ONCE);
        Delivery.Verdict verdict = batch.failed(batch.deliveries().get(0), refused);
        assertThat(verdict).isEqualTo(new Delivery.Verdict(false, null));
        assertThat(batch.unpublished())
                .containsExactly(
                        new Unpublished(Events.event("a", 1), 1, Optional.empty(), Optional.of(refused.toString())));
        assertThat(keys.contains("a")).isFalse();
        assertThat(count(RelayMeterNames.PARKED)).isZero();
        assertThat(count(RelayMeterNames.DEAD)).isEqualTo(1);
    }

    @Test
    void anEventThatWaitsBehindAnotherIsParkedWithoutAnAttempt() {
        BatchUnderWay batch = batch(Events.batch("a"), TWICE);
        batch.skipped(batch.deliveries().get(0));
        assertThat(batch.unpublished())
                .containsExactly(
                        new Unpublished(Events.event("a", 1), 0, Optional.of(Duration.ZERO), Optional.empty()));
        assertThat(count(RelayMeterNames.PARKED)).isEqualTo(1);
        assertThat(keys.takeDue(NOW - 1, 1)).isEmpty();
        assertThat(keys.takeDue(NOW, 1)).containsExactly(new ParkedKey(Events.SHARD, "a", Duration.ZERO));
    }

    private BatchUnderWay batch(OutboxBatch events, RetryPolicy retries) {
        return new BatchUnderWay(events, retries, keys, new RelayMeters(registry, "relay"), () -> NOW);
    }

    private double count(String name) {
        return registry.get(name).counter().count();
    }
}
