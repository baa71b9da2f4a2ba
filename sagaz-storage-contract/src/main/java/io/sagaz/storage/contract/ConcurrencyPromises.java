package io.sagaz.storage.contract;

import static io.sagaz.storage.SagaStatus.PENDING;
import static io.sagaz.storage.SagaStatus.RUNNING;
import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.AuditEntry;
import io.sagaz.storage.ChangeResult;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.Page;
import io.sagaz.storage.PageRequest;
import io.sagaz.storage.Saga;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaStep;
import io.sagaz.storage.SagaSummary;
import io.sagaz.storage.SagaUpdate;
import io.sagaz.storage.StartResult;
import io.sagaz.storage.StepStatus;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Of those who want the same one gets it, and nobody sees anything half done. */
abstract class ConcurrencyPromises extends Promises {
    private static final int RIVALS = 6;
    private static final int ROUNDS = 10;

    ConcurrencyPromises(SagaStoreContract contract) {
        super(contract);
    }

    @Test
    @DisplayName("who start one key: one does, and all get its saga")
    void ofManyWhoStartOneKeyOneDoes() {
        String name = newName();
        for (int round = 0; round < ROUNDS; round++) {
            String key = "key " + round;
            List<StartResult> results = Together.run(
                    RIVALS,
                    () -> writes().start(NewSaga.named(name)
                            .idempotencyKey(key)
                            .steps("a")
                            .emit(OutboxEvent.to("t"))));
            assertThat(results.stream().filter(StartResult.Started.class::isInstance))
                    .hasSize(1);
            assertThat(results.stream().map(StartResult::id).distinct()).hasSize(1);
            assertThat(events(results.get(0).id())).hasSize(1);
        }
        assertThat(list(SagaFilter.named(name))).hasSize(ROUNDS);
    }

    @Test
    @DisplayName("who start one saga: one does")
    void ofManyWhoStartOneIdentifierOneDoes() {
        for (int round = 0; round < ROUNDS; round++) {
            NewSaga saga = NewSaga.named(newName()).steps("a").emit(OutboxEvent.to("t"));
            List<StartResult> results = Together.run(RIVALS, () -> writes().start(saga));
            assertThat(results).containsOnlyOnce(new StartResult.Started(saga.id(), 1));
            assertThat(Collections.frequency(results, new StartResult.AlreadyStarted(saga.id())))
                    .isEqualTo(RIVALS - 1);
            assertThat(events(saga.id())).hasSize(1);
            assertThat(trail(saga.id())).hasSize(1);
        }
    }

    @Test
    @DisplayName("who start one identifier with keys of their own: one does, and takes its key alone")
    void ofManyKeysForOneIdentifierOnlyTheWinnersIsTaken() {
        String name = newName();
        SagaId id = SagaId.next();
        AtomicInteger number = new AtomicInteger();
        List<Boolean> started = Together.run(RIVALS, () -> {
            try {
                return writes().start(NewSaga.named(name)
                                .idempotencyKey("key " + number.incrementAndGet())
                                .id(id))
                        instanceof StartResult.Started;
            } catch (IllegalArgumentException e) {
                return false;
            }
        });
        assertThat(started).containsOnlyOnce(true);
        assertThat(IntStream.rangeClosed(1, RIVALS)
                        .mapToObj(i -> reads().findByKey(name, "key " + i).value())
                        .flatMap(Optional::stream)
                        .map(Saga::id))
                .containsExactly(id);
    }

    @Test
    @DisplayName("who change one version: one does, and the others are told")
    void ofManyWhoChangeOneVersionOneDoes() {
        for (int round = 0; round < ROUNDS; round++) {
            SagaId id = started("a");
            List<ChangeResult> results = Together.run(
                    RIVALS,
                    () -> writes().apply(
                                    id,
                                    1,
                                    SagaChange.to(RUNNING)
                                            .andStep("a", StepStatus.RUNNING)
                                            .emit(OutboxEvent.to("t"))));
            assertThat(results).containsOnlyOnce(new ChangeResult.Applied(2, RUNNING));
            assertThat(Collections.frequency(results, new ChangeResult.Conflict(2, RUNNING)))
                    .isEqualTo(RIVALS - 1);
            assertThat(events(id)).hasSize(1);
            assertThat(trail(id)).hasSize(2);
        }
    }

    @Test
    @DisplayName("who change one saga as often as they can: each version is somebody's")
    void everyVersionIsWrittenOnce() {
        SagaId id = started("counter");
        int each = 20;
        List<List<Long>> written = Together.run(RIVALS, () -> {
            List<Long> versions = new ArrayList<>();
            while (versions.size() < each && !Thread.currentThread().isInterrupted()) {
                long seen = find(id).version();
                if (writes().apply(
                                        id,
                                        seen,
                                        SagaChange.note(AuditEntry.of("NOTE")).emit(OutboxEvent.to("t")))
                        instanceof ChangeResult.Applied applied) {
                    versions.add(applied.version());
                }
            }
            return versions;
        });
        long last = (long) RIVALS * each + 1;
        List<Long> all = written.stream().flatMap(List::stream).sorted().toList();
        assertThat(all)
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(2, last).boxed().toList());
        assertThat(find(id).version()).isEqualTo(last);
        assertThat(events(id)).hasSize(RIVALS * each);
    }

    @Test
    @DisplayName("who start and change the same in opposite orders wait for nobody who waits")
    void oppositeOrdersDoNotStandStill() {
        for (int round = 0; round < ROUNDS; round++) {
            String name = newName();
            List<NewSaga> sagas = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                NewSaga saga = NewSaga.named(name);
                sagas.add(i % 2 == 0 ? saga.idempotencyKey("key " + i) : saga);
            }
            Callable<List<StartResult>> start = () -> writes().startAll(sagas);
            Callable<List<StartResult>> startBackwards = () -> reversed(writes().startAll(reversed(sagas)));
            List<List<StartResult>> starts = Together.run(List.of(start, startBackwards));
            for (int i = 0; i < sagas.size(); i++) {
                SagaId id = sagas.get(i).id();
                assertThat(List.of(starts.get(0).get(i), starts.get(1).get(i)))
                        .containsExactlyInAnyOrder(new StartResult.Started(id, 1), new StartResult.AlreadyStarted(id));
            }
            List<SagaUpdate> updates = sagas.stream()
                    .map(saga -> new SagaUpdate(saga.id(), 1, SagaChange.to(RUNNING)))
                    .toList();
            Callable<List<ChangeResult>> change = () -> writes().applyAll(updates);
            Callable<List<ChangeResult>> changeBackwards = () -> reversed(writes().applyAll(reversed(updates)));
            List<List<ChangeResult>> changes = Together.run(List.of(change, changeBackwards));
            for (int i = 0; i < updates.size(); i++) {
                assertThat(List.of(changes.get(0).get(i), changes.get(1).get(i)))
                        .containsExactlyInAnyOrder(
                                new ChangeResult.Applied(2, RUNNING), new ChangeResult.Conflict(2, RUNNING));
            }
        }
    }

    private static <T> List<T> reversed(List<T> items) {
        List<T> reversed = new ArrayList<>(items);
        Collections.reverse(reversed);
        return reversed;
    }

    @Test
    @DisplayName("who read see a change as a whole")
    void nobodySeesHalfOfAChange() {
        SagaId id = started("a", "b");
        AtomicBoolean over = new AtomicBoolean();
        Callable<Boolean> writer = () -> {
            try {
                for (int version = 1; version <= 60; version++) {
                    SagaChange change = SagaChange.note(AuditEntry.of("NOTE"))
                            .andStep("step " + version, StepStatus.SUCCESS)
                            .result(String.valueOf(version + 1));
                    writes().apply(id, version, change).appliedVersion();
                }
            } finally {
                over.set(true);
            }
            return true;
        };
        Callable<Boolean> reader = () -> {
            while (!over.get()) {
                assertWhole(find(id));
            }
            return true;
        };
        Together.run(List.of(writer, reader, reader));
        assertWhole(find(id));
    }

    private static void assertWhole(Saga saga) {
        assertThat(saga.steps()).as("%s", saga.summary()).hasSize((int) saga.version() + 1);
        assertThat(saga.steps().stream().filter(step -> step.status() == StepStatus.SUCCESS))
                .hasSize((int) saga.version() - 1);
        assertThat(saga.steps()).extracting(SagaStep::index).isSorted().doesNotHaveDuplicates();
        assertThat(saga.result())
                .isEqualTo(saga.version() == 1 ? Optional.empty() : Optional.of(String.valueOf(saga.version())));
    }

    @Test
    @DisplayName("who start sagas do not shift the pages of those who list them")
    void pagesAreStableUnderConcurrentStarts() {
        String name = newName();
        List<NewSaga> there = Stream.generate(() -> NewSaga.named(name).id(SagaId.next()))
                .limit(120)
                .toList();
        writes().startAll(there);
        Callable<List<SagaId>> starter = () -> {
            List<SagaId> started = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                started.add(writes().start(NewSaga.named(name)).id());
            }
            return started;
        };
        Callable<List<SagaId>> lister = () -> {
            List<SagaId> listed = new ArrayList<>();
            Optional<PageRequest> next = Optional.of(PageRequest.first(3));
            while (next.isPresent()) {
                Page<SagaSummary> page = reads().list(SagaFilter.named(name).status(PENDING), next.get())
                        .value();
                page.items().stream().map(SagaSummary::id).forEach(listed::add);
                next = page.next();
            }
            return listed;
        };
        List<SagaId> listed = Together.run(List.of(lister, starter, starter)).get(0);
        assertThat(listed)
                .doesNotHaveDuplicates()
                .containsAll(there.stream().map(NewSaga::id).toList());
        assertThat(list(SagaFilter.named(name))).hasSize(240);
    }
}
