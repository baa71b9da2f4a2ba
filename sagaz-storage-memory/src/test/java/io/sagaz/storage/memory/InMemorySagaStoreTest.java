package io.sagaz.storage.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagaz.outbox.InProcessPublisher;
import io.sagaz.outbox.OutboxRelay;
import io.sagaz.outbox.OutgoingEvent;
import io.sagaz.outbox.RetryPolicy;
import io.sagaz.storage.AuditEntry;
import io.sagaz.storage.AuditRecord;
import io.sagaz.storage.ClaimRequest;
import io.sagaz.storage.ClaimedSaga;
import io.sagaz.storage.Lease;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxDepth;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.PageRequest;
import io.sagaz.storage.PermanentStoreException;
import io.sagaz.storage.ReadReceipt;
import io.sagaz.storage.ReadSource;
import io.sagaz.storage.RouteReason;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaDurations;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.SagaThroughput;
import io.sagaz.storage.TimeSpan;
import io.sagaz.testkit.TestClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What the contract does not say: the clock, the receipts, and a real relay. */
class InMemorySagaStoreTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final Instant NOON = Instant.parse("2026-01-05T12:00:00Z");

    private final TestClock clock = TestClock.at(NOON);
    private final InMemorySagaStore store = new InMemorySagaStore(clock);

    @Test
    void aLeaseEndsWhenTheClockSaysSo() {
        NewSaga saga = NewSaga.named("order").lease(new Lease("first", Duration.ofMinutes(10)));
        store.start(saga);
        ClaimRequest request = ClaimRequest.by("second", Duration.ofMinutes(5));
        clock.advance(Duration.ofMinutes(10).minusNanos(1_000));
        assertThat(store.claimAbandoned(request)).isEmpty();
        clock.advance(Duration.ofNanos(1_000));
        assertThat(store.claimAbandoned(request))
                .containsExactly(new ClaimedSaga(saga.id(), "order", SagaStatus.PENDING, 2, Optional.of("first")));
        assertThat(store.reads().find(saga.id()).value().orElseThrow().summary().leasedUntil())
                .contains(NOON.plus(Duration.ofMinutes(15)));
    }

    @Test
    void whatStoodStillForFiveMinutesIsAbandoned() {
        store.start(NewSaga.named("order"));
        ClaimRequest request = ClaimRequest.by("worker", Duration.ofMinutes(5));
        clock.advance(Duration.ofMinutes(5).minusNanos(1_000));
        assertThat(store.claimAbandoned(request)).isEmpty();
        clock.advance(Duration.ofNanos(1_000));
        assertThat(store.claimAbandoned(request)).hasSize(1);
    }

    @Test
    void timesAreThoseOfTheClock() {
        SagaId id = SagaId.next(clock);
        store.start(NewSaga.named("order").id(id).steps("a"));
        clock.advance(Duration.ofSeconds(90));
        store.apply(id, 1, SagaChange.to(SagaStatus.RUNNING));
        clock.advance(Duration.ofSeconds(30));
        store.apply(id, 2, SagaChange.stepSucceeded("a", "1").andTo(SagaStatus.SUCCESS));
        assertThat(store.reads().find(id).value().orElseThrow().summary().completedAt())
                .contains(NOON.plusSeconds(120));
        assertThat(store.reads().auditTrail(id, PageRequest.first(10)).value().items())
                .extracting(AuditRecord::createdAt)
                .containsExactly(NOON, NOON.plusSeconds(90), NOON.plusSeconds(120));

        TimeSpan hour = new TimeSpan(NOON, NOON.plus(Duration.ofHours(1)));
        Duration twoMinutes = Duration.ofMinutes(2);
        assertThat(store.statistics().durations(hour).value())
                .contains(new SagaDurations(NOON, 1, twoMinutes, twoMinutes, twoMinutes, twoMinutes, twoMinutes));
        assertThat(store.statistics().throughput(hour, Duration.ofMinutes(30)).value())
                .containsExactly(
                        new SagaThroughput(NOON, 1, 1, 0, 0),
                        new SagaThroughput(NOON.plus(Duration.ofMinutes(30)), 0, 0, 0, 0));
        assertThat(store.statistics().partitions().value()).isEmpty();
    }

    @Test
    void entriesOfOneMomentKeepTheirOrder() {
        SagaId id = SagaId.next(clock);
        store.start(NewSaga.named("order").id(id));
        for (int i = 0; i < 50; i++) {
            store.annotate(id, AuditEntry.of("NOTE " + i));
        }
        assertThat(store.reads().auditTrail(id, PageRequest.first(100)).value().items())
                .extracting(AuditRecord::type)
                .startsWith("SAGA_STARTED", "NOTE 0", "NOTE 1")
                .endsWith("NOTE 48", "NOTE 49");
    }

    @Test
    void answersSayWhereTheyComeFrom() {
        assertThat(store.reads().countByStatus(SagaFilter.all()).receipt())
                .isEqualTo(new ReadReceipt(
                        ReadSource.PRIMARY, "memory", Optional.of(Duration.ZERO), RouteReason.NO_REPLICAS));
    }

    @Test
    void withoutARelayNothingIsPublished() {
        assertThat(store.outbox().depth().value())
                .containsExactly(new OutboxDepth(
                        Optional.empty(), Optional.empty(), 0, true, 0, Optional.empty(), Optional.empty(), 0, 0));
        store.emit(List.of(OutboxEvent.to("t"), OutboxEvent.to("t")));
        assertThat(store.outbox().depth().value()).singleElement().satisfies(depth -> {
            assertThat(depth.relay()).isEmpty();
            assertThat(depth.unpublished()).isEqualTo(2);
            assertThat(depth.atMost()).isEqualTo(2);
            assertThat(depth.oldestAge())
                    .as("its author's clock is ahead of the store's")
                    .contains(Duration.ZERO);
        });
    }

    @Test
    void errorsSayWhatIsWrong() {
        NewSaga first = NewSaga.named("order").idempotencyKey("own");
        store.start(first);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> store.start(NewSaga.named("other").id(first.id())))
                .withMessageContaining("belongs to a saga named \"order\" with the idempotency key \"own\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> store.apply(first.id(), 0, SagaChange.to(SagaStatus.RUNNING)))
                .withMessage("expectedVersion must be at least 1 but is 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> store.apply(first.id(), 1, SagaChange.stepSucceeded("a", "{")))
                .withMessageStartingWith("StepChange.output of \"a\" must be JSON");
        OutboxEvent event = OutboxEvent.to("t");
        store.emit(List.of(event));
        assertThatThrownBy(() -> store.emit(List.of(event)))
                .isInstanceOf(PermanentStoreException.class)
                .hasMessageContaining("this very event was emitted before");
    }

    @Test
    void aRealRelayPublishesItsEvents() {
        InProcessPublisher broker = new InProcessPublisher();
        broker.refuse(event -> event.event().topic().equals("refused"));
        InMemorySagaStore real = new InMemorySagaStore();
        real.emit(List.of(OutboxEvent.to("orders").key("k").json("1")));
        OutboxEvent bad = OutboxEvent.to("refused").key("bad");
        try (OutboxRelay relay = OutboxRelay.builder(real.outboxLog())
                .publisher(broker)
                .retries(new RetryPolicy(2, Duration.ofMillis(5), Duration.ofMillis(10)))
                .build()
                .start()) {
            for (int i = 2; i <= 50; i++) {
                real.start(NewSaga.named("order")
                        .emit(OutboxEvent.to("orders").key("k").json(String.valueOf(i))));
            }
            OutboxEvent behind = OutboxEvent.to("orders").key("bad");
            real.emit(List.of(bad, behind));
            OutgoingEvent last = broker.awaitEvent(event -> event.event().id().equals(behind.id()), PATIENCE);
            assertThat(last.orderingKey()).isEqualTo("bad");
            assertThat(broker.awaitCount(51, PATIENCE)).hasSize(51);
            assertThat(relay.shards()).isEqualTo(64);
        }
        assertThat(broker.published().stream()
                        .filter(event -> event.orderingKey().equals("k")))
                .extracting(event -> new String(event.payloadBytes(), StandardCharsets.UTF_8))
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, 50).mapToObj(String::valueOf).toList());
        assertThat(real.outbox()
                        .deadLetters("default", PageRequest.first(10))
                        .value()
                        .items())
                .singleElement()
                .satisfies(letter -> assertThat(letter.eventId()).isEqualTo(bad.id()));
        assertThat(real.outbox().depth().value().get(0).unpublished()).isZero();
    }
}
