package io.sagaz.storage.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagaz.storage.Lease;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.PageRequest;
import io.sagaz.storage.ReadResult;
import io.sagaz.storage.Saga;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.SagaSummary;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Reads find what was written. */
abstract class ReadPromises extends Promises {
    private static final Duration HOUR = Duration.ofHours(1);

    ReadPromises(SagaStoreContract contract) {
        super(contract);
    }

    @Test
    @DisplayName("finds a saga by its identifier, in its newest version, and says how fresh that is")
    void aSagaIsFound() {
        SagaId id = started("a");
        for (int version = 1; version < 5; version++) {
            ReadResult<Optional<Saga>> result = reads().find(id);
            assertThat(result.value().orElseThrow().version()).isEqualTo(version);
            assertThat(result.receipt().server()).isNotBlank();
            assertThat(reads().find(id, version).value()).isEqualTo(result.value());
            writes().apply(id, version, SagaChange.renewed(new Lease("worker", HOUR)));
        }
        assertThat(reads().find(id, 1).value().orElseThrow().version())
                .as("a later one than is known")
                .isEqualTo(5);
        assertThat(reads().find(id, 99).value().map(Saga::version).orElse(5L))
                .as("nobody has written it")
                .isEqualTo(5);
    }

    @Test
    @DisplayName("finds a saga by its name and key, also when it is finished")
    void aSagaIsFoundByItsKey() {
        String name = newName();
        SagaId id = writes().start(NewSaga.named(name).idempotencyKey("it's 1").steps("a", "b"))
                .id();
        bring(id, SagaStatus.SUCCESS);
        assertThat(reads().findByKey(name, "it's 1").value()).contains(find(id));
        assertThat(reads().findByKey(newName(), "it's 1").value()).isEmpty();
        assertThat(reads().findByKey(name, "it's 2").value()).isEmpty();
    }

    @Test
    @DisplayName("finds nothing of what is not there")
    void whatIsNotThereIsEmpty() {
        SagaId nobody = SagaId.next();
        assertThat(reads().find(nobody).value()).isEmpty();
        assertThat(reads().find(nobody, 1).value()).isEmpty();
        assertThat(events(nobody)).isEmpty();
        assertThat(trail(nobody)).isEmpty();
        assertThat(list(SagaFilter.named(newName()))).isEmpty();
        assertThat(reads().countByStatus(SagaFilter.named(newName())).value().values())
                .containsOnly(0L);
    }

    @Test
    @DisplayName("tells the head of a saga as the saga itself does")
    void listsShowTheHeadsOfSagas() {
        String name = newName();
        SagaId id = writes().start(NewSaga.named(name).lease(new Lease("worker", HOUR)))
                .id();
        assertThat(list(SagaFilter.named(name))).containsExactly(find(id).summary());
        bring(id, SagaStatus.COMPENSATED);
        assertThat(list(SagaFilter.named(name))).containsExactly(find(id).summary());
    }

    @Test
    @DisplayName("narrows lists, counts and streams by status, whatever the combination")
    void statusesNarrow() {
        String name = newName();
        Map<SagaStatus, List<SagaId>> sagas = new EnumMap<>(SagaStatus.class);
        for (SagaStatus status : SagaStatus.values()) {
            List<SagaId> some = new ArrayList<>();
            for (int i = 0; i <= sagas.size(); i++) { // Of each status another number.
                SagaId id = writes().start(NewSaga.named(name)).id();
                bring(id, status);
                some.add(id);
            }
            sagas.put(status, some);
        }
        for (Set<SagaStatus> statuses : subsets()) {
            SagaStatus[] more = statuses.toArray(SagaStatus[]::new);
            SagaFilter filter = SagaFilter.named(name).status(more[0], more);
            Set<SagaId> expected = statuses.stream()
                    .flatMap(status -> sagas.getOrDefault(status, List.of()).stream())
                    .collect(Collectors.toSet());
            assertThat(list(filter)).extracting(SagaSummary::id).containsExactlyInAnyOrderElementsOf(expected);
            Map<SagaStatus, Long> counts = reads().countByStatus(filter).value();
            assertThat(counts).containsOnlyKeys(SagaStatus.values());
            counts.forEach((status, count) -> assertThat(count)
                    .isEqualTo(
                            statuses.contains(status)
                                    ? sagas.getOrDefault(status, List.of()).size()
                                    : 0));
            assertThat(streamed(filter)).containsExactlyInAnyOrderElementsOf(expected);
        }
    }

    /** All sets of statuses but the empty one, which a filter cannot say. */
    private static List<Set<SagaStatus>> subsets() {
        List<Set<SagaStatus>> subsets = new ArrayList<>(List.of(EnumSet.noneOf(SagaStatus.class)));
        for (SagaStatus status : SagaStatus.values()) {
            for (Set<SagaStatus> subset : List.copyOf(subsets)) {
                Set<SagaStatus> larger = EnumSet.of(status);
                larger.addAll(subset);
                subsets.add(larger);
            }
        }
        return subsets.subList(1, subsets.size());
    }

    private List<SagaId> streamed(SagaFilter filter) {
        List<SagaId> ids = new ArrayList<>();
        assertThat(reads().forEach(filter, saga -> ids.add(saga.id())).value()).isEqualTo(ids.size());
        return ids;
    }

    @Test
    @DisplayName("narrows by the time of creation, with its beginning and without its end")
    void timesNarrow() {
        String name = newName();
        SagaId first = writes().start(NewSaga.named(name)).id();
        await("the clock goes on", () -> SagaId.next().createdAt().isAfter(first.createdAt()));
        SagaId second = writes().start(NewSaga.named(name)).id();
        SagaFilter named = SagaFilter.named(name);
        assertThat(ids(named.createdFrom(first.createdAt()))).containsExactly(second, first);
        assertThat(ids(named.createdFrom(first.createdAt().plusNanos(1)))).containsExactly(second);
        assertThat(ids(named.createdFrom(second.createdAt()))).containsExactly(second);
        assertThat(ids(named.createdFrom(second.createdAt().plusMillis(1)))).isEmpty();
        assertThat(ids(named.createdBefore(second.createdAt()))).containsExactly(first);
        assertThat(ids(named.createdBefore(second.createdAt().plusMillis(1)))).containsExactly(second, first);
        assertThat(ids(named.createdBefore(first.createdAt()))).isEmpty();
        assertThat(ids(named.createdFrom(first.createdAt()).createdBefore(second.createdAt())))
                .containsExactly(first);
        assertThat(ids(SagaFilter.all().createdFrom(second.createdAt())))
                .contains(second)
                .doesNotContain(first);
    }

    @Test
    @DisplayName("narrows by the owner of a lease that has not run out")
    void ownersNarrow() {
        String owner = newName();
        Lease mine = new Lease(owner, HOUR);
        String name = newName();
        SagaId held = writes().start(NewSaga.named(name).lease(mine)).id();
        SagaId givenUp = writes().start(NewSaga.named(name).lease(mine)).id();
        writes().apply(givenUp, 1, SagaChange.renewed(new Lease(owner, Duration.ZERO)));
        SagaId ended = writes().start(NewSaga.named(name).lease(mine)).id();
        bring(ended, SagaStatus.FAILED);
        writes().start(NewSaga.named(name));
        writes().start(NewSaga.named(name).lease(new Lease(newName(), HOUR)));
        SagaFilter owned = SagaFilter.all().owner(owner);
        assertThat(ids(owned)).containsExactly(held);
        assertThat(ids(SagaFilter.named(newName()).owner(owner))).isEmpty();
        assertThat(ids(owned.status(SagaStatus.RUNNING))).isEmpty();
        assertThat(ids(owned.status(SagaStatus.PENDING, SagaStatus.FAILED))).containsExactly(held);
        assertThat(reads().countByStatus(owned).value())
                .containsEntry(SagaStatus.PENDING, 1L)
                .containsEntry(SagaStatus.FAILED, 0L);
        assertThat(streamed(owned)).containsExactly(held);
        assertThat(find(givenUp).summary().owner()).as("who had it last").contains(owner);
    }

    @Test
    @DisplayName("one by one shows each saga once, though others come in meanwhile")
    void aStreamIsOfOneMoment() {
        String name = newName();
        Set<SagaId> there =
                writes()
                        .startAll(Stream.generate(() -> NewSaga.named(name).id(SagaId.next()))
                                .limit(1_200)
                                .toList())
                        .stream()
                        .map(started -> started.id())
                        .collect(Collectors.toSet());
        List<SagaId> shown = new ArrayList<>();
        long count = reads().forEach(SagaFilter.named(name), saga -> {
                    if (shown.isEmpty()) {
                        writes().start(NewSaga.named(name).id(SagaId.next()));
                    }
                    shown.add(saga.id());
                })
                .value();
        assertThat(shown).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(there);
        assertThat(count).isEqualTo(1_200);
        assertThat(streamed(SagaFilter.named(name))).hasSize(1_201);
    }

    @Test
    @DisplayName("one by one ends with what the consumer throws")
    void whatTheConsumerThrowsComesOut() {
        String name = newName();
        writes().start(NewSaga.named(name));
        writes().start(NewSaga.named(name));
        List<SagaId> shown = new ArrayList<>();
        IllegalStateException enough = new IllegalStateException("enough");
        assertThatThrownBy(() -> reads().forEach(SagaFilter.named(name), saga -> {
                    shown.add(saga.id());
                    throw enough;
                }))
                .isSameAs(enough);
        assertThat(shown).hasSize(1);
        assertThat(streamed(SagaFilter.named(name))).hasSize(2);
    }

    @Test
    @DisplayName("refuses null, and versions that nobody has written")
    @SuppressWarnings("NullAway") // What must not be null is.
    void badArgumentsAreRefused() {
        PageRequest page = PageRequest.first(1);
        refuses(() -> reads().find(null));
        refuses(() -> reads().find(null, 1));
        refuses(() -> reads().find(SagaId.next(), 0));
        refuses(() -> reads().findByKey(null, "k"));
        refuses(() -> reads().findByKey("n", null));
        refuses(() -> reads().list(null, page));
        refuses(() -> reads().list(SagaFilter.all(), null));
        refuses(() -> reads().countByStatus(null));
        refuses(() -> reads().forEach(null, saga -> {}));
        refuses(() -> reads().forEach(SagaFilter.all(), null));
        refuses(() -> reads().auditTrail(null, page));
        refuses(() -> reads().auditTrail(SagaId.next(), null));
        refuses(() -> reads().events(null, page));
        refuses(() -> reads().events(SagaId.next(), null));
    }

    private List<SagaId> ids(SagaFilter filter) {
        return list(filter).stream().map(SagaSummary::id).toList();
    }
}
