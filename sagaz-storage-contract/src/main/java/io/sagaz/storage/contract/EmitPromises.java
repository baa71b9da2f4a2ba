package io.sagaz.storage.contract;

import static io.sagaz.storage.SagaStatus.COMPENSATED;
import static io.sagaz.storage.SagaStatus.RUNNING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagaz.storage.EventPayload;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.PermanentStoreException;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.StoredEvent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Events are in the outbox exactly if the write succeeded that emitted them. */
abstract class EmitPromises extends Promises {
    EmitPromises(SagaStoreContract contract) {
        super(contract);
    }

    @Test
    @DisplayName("that belong to no saga puts them into the outbox in their order")
    void eventsOfNoSagaAreEmitted() {
        Tape tape = Tape.begin(log());
        List<OutboxEvent> events = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            events.add(OutboxEvent.to(newName())
                    .key("k")
                    .type("T")
                    .header("n", "" + i)
                    .json("" + i));
        }
        writes().emit(events);
        List<StoredEvent> emitted = tape.read();
        assertThat(emitted)
                .extracting(StoredEvent::id)
                .containsExactlyElementsOf(events.stream().map(OutboxEvent::id).toList());
        assertThat(emitted).extracting(StoredEvent::number).isSorted().doesNotHaveDuplicates();
        StoredEvent last = emitted.get(99);
        assertThat(last.saga()).isEmpty();
        assertThat(last.topic()).isEqualTo(events.get(99).topic());
        assertThat(last.key()).contains("k");
        assertThat(last.type()).contains("T");
        assertThat(last.headers()).isEqualTo(Map.of("n", "99"));
        assertThat(last.payload()).isEqualTo(new EventPayload.Json("99"));
        assertThat(last.createdAt()).isEqualTo(events.get(99).createdAt());
    }

    @Test
    @DisplayName("without a key gives each its identifier as key")
    void anEventWithoutAKeyHasItsIdentifier() {
        Tape tape = Tape.begin(log());
        OutboxEvent event = OutboxEvent.to(newName());
        writes().emit(List.of(event));
        assertThat(tape.read())
                .singleElement()
                .satisfies(
                        emitted -> assertThat(emitted.key()).contains(event.id().toString()));
    }

    @Test
    @DisplayName("of which one is there already fails and emits none of them")
    void oneEventIsNotEmittedTwice() {
        Tape tape = Tape.begin(log());
        OutboxEvent event = OutboxEvent.to(newName());
        writes().emit(List.of(event));
        assertThatThrownBy(() -> writes().emit(List.of(event))).isInstanceOf(PermanentStoreException.class);
        assertThatThrownBy(() -> writes().emit(List.of(OutboxEvent.to(newName()), event, OutboxEvent.to(newName()))))
                .isInstanceOf(PermanentStoreException.class);
        OutboxEvent copy = event.key("k");
        writes().emit(List.of(copy));
        assertThat(tape.read()).extracting(StoredEvent::id).containsExactly(event.id(), copy.id());
    }

    @Test
    @DisplayName("with bad input is refused and emits none of them")
    @SuppressWarnings("NullAway") // What must not be null is.
    void badEventsAreRefused() {
        Tape tape = Tape.begin(log());
        OutboxEvent event = OutboxEvent.to(newName());
        refuses(() -> writes().emit(List.of(event, event)));
        refuses(() -> writes().emit(List.of(event, OutboxEvent.to(newName()).json("nope"))));
        refuses(() -> writes().emit(Arrays.asList(event, null)));
        refuses(() -> writes().emit(null));
        assertThat(tape.read()).isEmpty();
    }

    @Test
    @DisplayName("with a start or a change happens if, and only if, that does")
    void eventsOfRefusedWritesAreNotEmitted() {
        Tape tape = Tape.begin(log());
        String topic = newName();
        String name = newName();
        NewSaga saga = NewSaga.named(name).steps("a").idempotencyKey("key").emit(OutboxEvent.to(topic));
        SagaId id = writes().start(saga).id();
        writes().start(saga);
        writes().start(NewSaga.named(name).idempotencyKey("key").emit(OutboxEvent.to("never")));
        refuses(() -> writes().start(NewSaga.named(name).id(id).emit(OutboxEvent.to("never"))));
        SagaChange change = SagaChange.to(RUNNING);
        writes().apply(id, 1, change.emit(OutboxEvent.to(topic)));
        writes().apply(id, 1, change.emit(OutboxEvent.to("never")));
        writes().apply(id, 2, SagaChange.to(COMPENSATED).emit(OutboxEvent.to("never")));
        writes().apply(id, 2, SagaChange.stepCompensated("a").emit(OutboxEvent.to("never")));
        writes().apply(SagaId.next(), 1, change.emit(OutboxEvent.to("never")));
        refuses(() -> writes().apply(id, 2, change.result("{").emit(OutboxEvent.to("never"))));
        assertThat(tape.read()).extracting(StoredEvent::topic).containsExactly(topic, topic);
    }
}
