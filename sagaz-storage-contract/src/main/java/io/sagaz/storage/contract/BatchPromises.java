package io.sagaz.storage.contract;

import static io.sagaz.storage.SagaStatus.COMPENSATED;
import static io.sagaz.storage.SagaStatus.FAILED;
import static io.sagaz.storage.SagaStatus.PENDING;
import static io.sagaz.storage.SagaStatus.RUNNING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagaz.storage.AuditEntry;
import io.sagaz.storage.ChangeResult;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.PermanentStoreException;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaUpdate;
import io.sagaz.storage.StartResult;
import io.sagaz.storage.StepStatus;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A batch answers in the order that was given; starts are all or nothing, changes are each by itself. */
abstract class BatchPromises extends Promises {
    BatchPromises(SagaStoreContract contract) {
        super(contract);
    }

    @Test
    @DisplayName("are started, and answered in the order that was given")
    void startsAreAnsweredInTheirOrder() {
        Random random = seeded();
        String name = newName();
        List<NewSaga> sagas = new ArrayList<>();
        Map<SagaId, StartResult> expected = new HashMap<>();
        for (int i = 0; i < 60; i++) {
            NewSaga saga = NewSaga.named(name + random.nextInt(3)).steps("a");
            NewSaga one = random.nextBoolean() ? saga : saga.idempotencyKey("key " + i);
            StartResult answer = new StartResult.Started(one.id(), 1);
            if (i % 3 == 0) {
                writes().start(one);
                answer = new StartResult.AlreadyStarted(one.id());
            } else if (i % 3 == 1) {
                NewSaga first = saga.idempotencyKey("taken " + i);
                one = saga.idempotencyKey("taken " + i).emit(OutboxEvent.to(newName()));
                writes().start(first);
                answer = new StartResult.AlreadyStarted(first.id());
            }
            sagas.add(one);
            expected.put(one.id(), answer);
        }
        Collections.shuffle(sagas, random);

        assertThat(writes().startAll(sagas))
                .containsExactlyElementsOf(
                        sagas.stream().map(saga -> expected.get(saga.id())).toList());
        for (NewSaga saga : sagas) {
            StartResult answer = expected.getOrDefault(saga.id(), new StartResult.AlreadyStarted(saga.id()));
            assertThat(reads().find(saga.id()).value().isPresent())
                    .isEqualTo(answer.id().equals(saga.id()));
            assertThat(events(saga.id())).isEmpty();
        }
    }

    @Test
    @DisplayName("are changed, answered in the order that was given, and a refused one keeps none of the others back")
    void changesAreAnsweredInTheirOrder() {
        Random random = seeded();
        List<SagaUpdate> updates = new ArrayList<>();
        Map<SagaId, ChangeResult> expected = new HashMap<>();
        for (int i = 0; i < 60; i++) {
            SagaId id = i % 5 == 4 ? SagaId.next() : started("a");
            SagaChange change = SagaChange.to(RUNNING);
            long version = 1;
            ChangeResult answer = new ChangeResult.Applied(2, RUNNING);
            switch (i % 5) {
                case 0 -> {}
                case 1 -> {
                    version = 7;
                    answer = new ChangeResult.Conflict(1, PENDING);
                }
                case 2 -> {
                    change = SagaChange.to(COMPENSATED);
                    answer = new ChangeResult.IllegalSagaChange(PENDING, COMPENSATED);
                }
                case 3 -> {
                    change = change.andStep("a", StepStatus.COMPENSATED);
                    answer = new ChangeResult.IllegalStepChange("a", StepStatus.PENDING, StepStatus.COMPENSATED);
                }
                default -> answer = new ChangeResult.NotFound();
            }
            updates.add(new SagaUpdate(id, version, change.emit(OutboxEvent.to(newName()))));
            expected.put(id, answer);
        }
        Collections.shuffle(updates, random);

        assertThat(writes().applyAll(updates))
                .containsExactlyElementsOf(updates.stream()
                        .map(update -> expected.get(update.id()))
                        .toList());
        for (SagaUpdate update : updates) {
            boolean applied = expected.get(update.id()) instanceof ChangeResult.Applied;
            assertThat(events(update.id())).hasSize(applied ? 1 : 0);
            if (!(expected.get(update.id()) instanceof ChangeResult.NotFound)) {
                assertThat(find(update.id()).version()).isEqualTo(applied ? 2 : 1);
                assertThat(trail(update.id())).hasSize(applied ? 2 : 1);
            }
        }
    }

    @Test
    @DisplayName("are not started if one has the identifier of another saga")
    void anIdentifierOfAnotherSagaStartsNoneOfThem() {
        String name = newName();
        NewSaga there = NewSaga.named(name).idempotencyKey("there");
        writes().start(there);
        for (NewSaga foreign : List.of(
                NewSaga.named(newName()).id(there.id()),
                NewSaga.named(name).id(there.id()),
                NewSaga.named(name).id(there.id()).idempotencyKey("another"))) {
            NewSaga before = NewSaga.named(name).idempotencyKey("before").emit(OutboxEvent.to(newName()));
            NewSaga behind =
                    NewSaga.named(name).idempotencyKey("behind").steps("a").emit(OutboxEvent.to(newName()));
            assertThatThrownBy(() -> writes().startAll(List.of(before, foreign, behind)))
                    .isInstanceOf(PermanentStoreException.class);
            for (NewSaga saga : List.of(before, behind)) {
                assertNothingOf(saga);
                assertThat(reads().findByKey(name, saga.idempotencyKey().orElseThrow())
                                .value())
                        .isEmpty();
            }
        }
        assertThat(reads().findByKey(name, "another").value()).isEmpty();
        assertThat(list(SagaFilter.named(name))).hasSize(1);
        assertThat(trail(there.id())).hasSize(1);
    }

    private void assertNothingOf(NewSaga saga) {
        assertThat(reads().find(saga.id()).value()).isEmpty();
        assertThat(events(saga.id())).isEmpty();
        assertThat(trail(saga.id())).isEmpty();
    }

    @Test
    @DisplayName("are neither started nor changed if one has an event that is there already")
    void anEventThatIsThereStartsAndChangesNoneOfThem() {
        OutboxEvent there = OutboxEvent.to(newName());
        writes().emit(List.of(there));
        NewSaga one = NewSaga.named(newName()).emit(OutboxEvent.to(newName()));
        NewSaga two = NewSaga.named(newName()).emit(there);
        assertThatThrownBy(() -> writes().startAll(List.of(one, two))).isInstanceOf(PermanentStoreException.class);
        assertNothingOf(one);
        assertNothingOf(two);

        SagaId a = started();
        SagaId b = started();
        assertThatThrownBy(() -> writes().applyAll(List.of(
                        new SagaUpdate(a, 1, SagaChange.to(RUNNING).emit(OutboxEvent.to(newName()))),
                        new SagaUpdate(b, 1, SagaChange.to(RUNNING).emit(there)))))
                .isInstanceOf(PermanentStoreException.class);
        for (SagaId id : List.of(a, b)) {
            assertThat(find(id).version()).isEqualTo(1);
            assertThat(events(id)).isEmpty();
            assertThat(trail(id)).hasSize(1);
        }
    }

    @Test
    @DisplayName("may be none")
    void nothingToDoIsDone() {
        assertThat(writes().startAll(List.of())).isEmpty();
        assertThat(writes().applyAll(List.of())).isEmpty();
        writes().emit(List.of());
    }

    @Test
    @DisplayName("may be starts of the same saga, the first of which starts it")
    void ofTwoStartsOfOneSagaTheFirstStartsIt() {
        String name = newName();
        NewSaga saga = NewSaga.named(name).steps("a");
        NewSaga keyed = NewSaga.named(name).idempotencyKey("k");
        assertThat(writes().startAll(List.of(saga, keyed, saga, keyed)))
                .containsExactly(
                        new StartResult.Started(saga.id(), 1),
                        new StartResult.Started(keyed.id(), 1),
                        new StartResult.AlreadyStarted(saga.id()),
                        new StartResult.AlreadyStarted(keyed.id()));
        NewSaga one = NewSaga.named(name).idempotencyKey("both");
        NewSaga two = NewSaga.named(name).idempotencyKey("both");
        List<StartResult> results = writes().startAll(List.of(two, one));
        assertThat(results.stream().filter(StartResult.Started.class::isInstance))
                .hasSize(1);
        assertThat(results.stream().map(StartResult::id).distinct()).hasSize(1);
        assertThat(list(SagaFilter.named(name))).hasSize(3);
    }

    @Test
    @DisplayName("are refused, and nothing is written, if something stands twice or is bad")
    @SuppressWarnings("NullAway") // What must not be null is.
    void badBatchesWriteNothing() {
        SagaId id = started("a");
        SagaId other = started("a");
        OutboxEvent event = OutboxEvent.to(newName());
        SagaUpdate good = new SagaUpdate(id, 1, SagaChange.to(RUNNING));
        refuses(() -> writes().applyAll(List.of(good, new SagaUpdate(id, 2, SagaChange.to(FAILED)))));
        refuses(() -> writes().applyAll(List.of(
                new SagaUpdate(id, 1, SagaChange.to(RUNNING).emit(event)),
                new SagaUpdate(other, 1, SagaChange.to(RUNNING).emit(event)))));
        refuses(() -> writes().applyAll(List.of(
                good, new SagaUpdate(other, 1, SagaChange.to(RUNNING).result("{")))));
        refuses(() -> writes().applyAll(Arrays.asList(good, null)));
        refuses(() -> writes().applyAll(null));
        assertThat(find(id).version()).isEqualTo(1);
        assertThat(find(other).version()).isEqualTo(1);
        assertThat(events(id)).isEmpty();

        String name = newName();
        NewSaga saga = NewSaga.named(name);
        refuses(() -> writes().startAll(List.of(saga.emit(event), saga.emit(event))));
        refuses(() -> writes().startAll(List.of(saga, saga.context("{"))));
        refuses(() ->
                writes().startAll(List.of(saga, saga.audit(AuditEntry.of("NOTE").json("{")))));
        refuses(() -> writes().startAll(Arrays.asList(saga, null)));
        refuses(() -> writes().startAll(null));
        assertThat(list(SagaFilter.named(name))).isEmpty();
    }
}
