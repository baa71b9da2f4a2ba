package io.sagaz.storage.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.sagaz.storage.AuditEntry;
import io.sagaz.storage.AuditRecord;
import io.sagaz.storage.EventPayload;
import io.sagaz.storage.Lease;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.PermanentStoreException;
import io.sagaz.storage.Saga;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.SagaStep;
import io.sagaz.storage.SagaSummary;
import io.sagaz.storage.StartResult;
import io.sagaz.storage.StepStatus;
import io.sagaz.storage.StoredEvent;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A saga is started once, with all that belongs to it or with nothing. */
abstract class StartPromises extends Promises {
    StartPromises(SagaStoreContract contract) {
        super(contract);
    }

    @Test
    @DisplayName("makes it PENDING in version 1, with its steps in their order")
    void aStartedSagaIsThere() {
        String name = newName();
        NewSaga saga = NewSaga.named(name)
                .steps("reserve", "charge", "ship")
                .context("{\"total\": 10}")
                .idempotencyKey("key");
        assertThat(writes().start(saga)).isEqualTo(new StartResult.Started(saga.id(), 1));

        Saga found = find(saga.id());
        SagaSummary summary = found.summary();
        assertThat(found.id()).isEqualTo(saga.id());
        assertThat(summary.name()).isEqualTo(name);
        assertThat(found.status()).isEqualTo(SagaStatus.PENDING);
        assertThat(found.version()).isEqualTo(1);
        assertThat(summary.completedAt()).isEmpty();
        assertThat(summary.owner()).isEmpty();
        assertThat(summary.leasedUntil()).isEmpty();
        assertThat(compact(found.context())).isEqualTo("{\"total\":10}");
        assertThat(found.idempotencyKey()).contains("key");
        assertThat(found.result()).isEmpty();
        assertThat(found.error()).isEmpty();
        assertThat(found.steps())
                .extracting(SagaStep::name, SagaStep::index, SagaStep::status, SagaStep::retries)
                .containsExactly(
                        tuple("reserve", 0, StepStatus.PENDING, 0),
                        tuple("charge", 1, StepStatus.PENDING, 0),
                        tuple("ship", 2, StepStatus.PENDING, 0));
        assertThat(found.steps()).allSatisfy(step -> {
            assertThat(step.output()).isEmpty();
            assertThat(step.error()).isEmpty();
            assertThat(step.startedAt()).isEmpty();
            assertThat(step.completedAt()).isEmpty();
        });
    }

    @Test
    @DisplayName("needs no steps, no context and no key")
    void nothingButANameIsNeeded() {
        Saga found = find(started());
        assertThat(found.steps()).isEmpty();
        assertThat(found.context()).isEqualTo("{}");
        assertThat(found.idempotencyKey()).isEmpty();
    }

    @Test
    @DisplayName("may give it to a worker")
    void aLeaseBeginsWithTheSaga() {
        SagaSummary saga = find(writes().start(NewSaga.named(newName()).lease(new Lease("worker", Duration.ofHours(1))))
                        .id())
                .summary();
        assertThat(saga.owner()).contains("worker");
        assertThat(saga.leasedUntil().orElseThrow())
                .isBetween(
                        saga.updatedAt().plus(Duration.ofMinutes(59)),
                        saga.updatedAt().plus(Duration.ofMinutes(61)));
    }

    @Test
    @DisplayName("emits its events in their order, each as it was made")
    void eventsAreEmitted() {
        OutboxEvent first = OutboxEvent.to(newName())
                .type("OrderPlaced")
                .key("42")
                .header("trace", "a")
                .json("{\"n\": 1}");
        byte[] bytes = {0, -1, 10, 92};
        OutboxEvent second = OutboxEvent.to(newName()).bytes(bytes, "application/x-protobuf");
        NewSaga saga = NewSaga.named(newName()).emit(first).emit(second);
        writes().start(saga);

        List<StoredEvent> events = events(saga.id());
        assertThat(events).hasSize(2);
        StoredEvent one = events.get(0);
        assertThat(one.id()).isEqualTo(first.id());
        assertThat(one.createdAt()).isEqualTo(first.createdAt());
        assertThat(one.saga()).contains(saga.id());
        assertThat(one.topic()).isEqualTo(first.topic());
        assertThat(one.type()).contains("OrderPlaced");
        assertThat(one.key()).contains("42");
        assertThat(one.headers()).isEqualTo(Map.of("trace", "a"));
        assertThat(one.payload())
                .isInstanceOfSatisfying(
                        EventPayload.Json.class,
                        json -> assertThat(compact(json.text())).isEqualTo("{\"n\":1}"));
        StoredEvent two = events.get(1);
        assertThat(two.id()).isEqualTo(second.id());
        assertThat(two.payload()).isEqualTo(new EventPayload.Bytes(bytes, "application/x-protobuf"));
        assertThat(two.key())
                .as("the saga is the key of an event that has none")
                .contains(saga.id().toString());
        assertThat(two.type()).isEmpty();
        assertThat(two.headers()).isEmpty();
        assertThat(two.number()).isGreaterThan(one.number());
    }

    @Test
    @DisplayName("by a key that is taken tells which saga was there first, and writes nothing")
    void theSecondStartOfAKeyGetsTheFirstSaga() {
        String name = newName();
        NewSaga first = NewSaga.named(name).idempotencyKey("twice").steps("a");
        NewSaga second = NewSaga.named(name)
                .idempotencyKey("twice")
                .steps("a")
                .emit(OutboxEvent.to(newName()))
                .audit(AuditEntry.of("NOTE"));
        writes().start(first);

        assertThat(writes().start(second)).isEqualTo(new StartResult.AlreadyStarted(first.id()));
        assertThat(reads().find(second.id()).value()).isEmpty();
        assertThat(events(second.id())).isEmpty();
        assertThat(events(first.id())).isEmpty();
        assertThat(trail(first.id())).hasSize(1);
        assertThat(reads().findByKey(name, "twice").value().orElseThrow().id()).isEqualTo(first.id());
    }

    @Test
    @DisplayName("by a key of another name is a start of its own, and so is every start without a key")
    void keysBelongToNames() {
        NewSaga first = NewSaga.named(newName()).idempotencyKey("shared");
        NewSaga second = NewSaga.named(newName()).idempotencyKey("shared");
        NewSaga third = NewSaga.named(newName());
        NewSaga fourth = third.context("{\"copy\": true}");
        for (NewSaga saga : List.of(first, second, third, fourth)) {
            assertThat(writes().start(saga)).isEqualTo(new StartResult.Started(saga.id(), 1));
        }
    }

    @Test
    @DisplayName("by an identifier that is there writes nothing")
    void theSecondStartOfAnIdentifierWritesNothing() {
        NewSaga saga = NewSaga.named(newName())
                .steps("a")
                .idempotencyKey("key")
                .emit(OutboxEvent.to(newName()))
                .audit(AuditEntry.of("NOTE"));
        writes().start(saga);
        assertThat(writes().start(saga)).isEqualTo(new StartResult.AlreadyStarted(saga.id()));
        assertThat(find(saga.id()).version()).isEqualTo(1);
        assertThat(events(saga.id())).hasSize(1);
        assertThat(trail(saga.id())).hasSize(2);
    }

    @Test
    @DisplayName("by the identifier of a saga of another name or key is refused, and takes no key")
    void anIdentifierOfAnotherSagaIsRefused() {
        String name = newName();
        NewSaga first = NewSaga.named(name).idempotencyKey("own");
        writes().start(first);
        refuses(() -> writes().start(NewSaga.named(name).idempotencyKey("free").id(first.id())));
        refuses(() -> writes().start(NewSaga.named(name).id(first.id())));
        refuses(() -> writes().start(NewSaga.named(newName()).id(first.id()).emit(OutboxEvent.to(newName()))));
        assertThat(find(first.id()).summary().name()).isEqualTo(name);
        assertThat(events(first.id())).isEmpty();
        assertThat(writes().start(NewSaga.named(name).idempotencyKey("free"))).isInstanceOf(StartResult.Started.class);
    }

    @Test
    @DisplayName("with an event that is there already fails, starts nothing and takes no key")
    void anEventThatIsThereStartsNothing() {
        OutboxEvent there = OutboxEvent.to(newName());
        writes().emit(List.of(there));
        String name = newName();
        NewSaga saga = NewSaga.named(name)
                .idempotencyKey("key")
                .emit(OutboxEvent.to(newName()))
                .emit(there);
        assertThatThrownBy(() -> writes().start(saga)).isInstanceOf(PermanentStoreException.class);
        assertThat(reads().find(saga.id()).value()).isEmpty();
        assertThat(reads().findByKey(name, "key").value()).isEmpty();
        assertThat(events(saga.id())).isEmpty();
        assertThat(trail(saga.id())).isEmpty();
        assertThat(writes().start(NewSaga.named(name).idempotencyKey("key"))).isInstanceOf(StartResult.Started.class);
    }

    @Test
    @DisplayName("is told by the audit log, before the entries that come with it")
    void theAuditLogTellsOfTheStart() {
        NewSaga saga = NewSaga.named(newName())
                .audit(AuditEntry.of("FIRST").step("pay").actor("alice").json("[1]"))
                .audit(AuditEntry.of("SECOND"));
        writes().start(saga);
        List<AuditRecord> trail = trail(saga.id());
        assertThat(trail).extracting(AuditRecord::type).containsExactly("SAGA_STARTED", "FIRST", "SECOND");
        assertThat(trail).allSatisfy(entry -> {
            assertThat(entry.saga()).isEqualTo(saga.id());
            assertThat(entry.version()).contains(1L);
        });
        assertThat(trail.get(1).step()).contains("pay");
        assertThat(trail.get(1).actor()).contains("alice");
        assertThat(compact(trail.get(1).data())).isEqualTo("[1]");
        assertThat(trail.get(2).step()).isEmpty();
        assertThat(trail.get(2).actor()).isEmpty();
        assertThat(trail.get(2).data()).isEqualTo("{}");
    }

    @Test
    @DisplayName("with bad input is refused and writes nothing")
    @SuppressWarnings("NullAway") // What must not be null is.
    void badInputStartsNothing() {
        String name = newName();
        NewSaga good = NewSaga.named(name).idempotencyKey("key");
        refuses(() -> writes().start(null));
        for (NewSaga bad : List.of(
                good.context("{"),
                good.emit(OutboxEvent.to(newName()))
                        .emit(OutboxEvent.to(newName()).json("nope")),
                good.audit(AuditEntry.of("NOTE").json("")))) {
            refuses(() -> writes().start(bad));
            assertThat(reads().find(bad.id()).value()).isEmpty();
            assertThat(events(bad.id())).isEmpty();
        }
        assertThat(reads().findByKey(name, "key").value()).isEmpty();
    }
}
