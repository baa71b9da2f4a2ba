package io.sagaz.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.sagaz.storage.NewSaga;
import io.sagaz.storage.Page;
import io.sagaz.storage.PageRequest;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.ReadReceipt;
import io.sagaz.storage.ReadResult;
import io.sagaz.storage.ReadSource;
import io.sagaz.storage.RouteReason;
import io.sagaz.storage.Saga;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaReads;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.SagaSummary;
import io.sagaz.testkit.Await;
import io.sagaz.testkit.Faults;
import io.sagaz.testkit.Topology;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ReadsIT {
    private static final ReadConsistency HALF_A_SECOND = ReadConsistency.atMost(Duration.ofMillis(500));
    private static RoutingSagaStore store;

    @BeforeAll
    static void open() {
        store = Stand.store();
        Await.until("a replica is known to be fresh", () -> source(HALF_A_SECOND) == ReadSource.REPLICA);
    }

    @AfterAll
    static void close() {
        store.close();
    }

    @Test
    void aFreshReplicaAnswersAndSaysHowStaleItCanBe() {
        ReadReceipt receipt =
                store.reads(HALF_A_SECOND).countByStatus(SagaFilter.all()).receipt();

        assertThat(receipt.source()).isEqualTo(ReadSource.REPLICA);
        assertThat(receipt.reason()).isEqualTo(RouteReason.REPLICA_FRESH);
        assertThat(receipt.staleness().orElseThrow()).isBetween(Duration.ZERO, Duration.ofMillis(500));
        assertThat(receipt.server()).contains(":");
    }

    @Test
    void whoWantsEverythingReadsFromThePrimary() {
        NewSaga saga = NewSaga.named("strong");
        store.start(saga);
        ReadResult<Optional<Saga>> result =
                store.reads(ReadConsistency.strong()).find(saga.id());

        assertThat(result.value()).isPresent();
        assertThat(result.receipt().source()).isEqualTo(ReadSource.PRIMARY);
        assertThat(result.receipt().reason()).isEqualTo(RouteReason.STRONG_REQUESTED);
        assertThat(result.receipt().staleness()).contains(Duration.ZERO);
    }

    @Test
    void whatIsNotThereIsEmpty() {
        assertThat(store.reads(ReadConsistency.strong()).find(SagaId.next()).value())
                .isEmpty();
    }

    @Test
    void aSagaIsFoundByItsKey() {
        SagaReads reads = store.reads(ReadConsistency.strong());
        SagaId id = store.start(NewSaga.named("keyed").idempotencyKey("it's 1").steps("a", "b"))
                .id();
        Saga found = reads.findByKey("keyed", "it's 1").value().orElseThrow();
        assertThat(found).isEqualTo(reads.find(id).value().orElseThrow());
        assertThat(found.idempotencyKey()).contains("it's 1");
        assertThat(found.steps()).hasSize(2);
        assertThat(reads.findByKey("other", "it's 1").value()).isEmpty();
        assertThat(reads.findByKey("keyed", "it's 2").value()).isEmpty();
    }

    @Test
    void withoutReplicasThePrimaryAnswers() {
        try (RoutingSagaStore alone = RoutingSagaStore.builder()
                .write(Stand.write())
                .direct(Stand.direct())
                .schema(Stand.newSchema())
                .build()) {
            ReadReceipt receipt =
                    alone.reads(HALF_A_SECOND).countByStatus(SagaFilter.all()).receipt();
            assertThat(receipt.source()).isEqualTo(ReadSource.PRIMARY);
            assertThat(receipt.reason()).isEqualTo(RouteReason.NO_REPLICAS);
        }
    }

    @Test
    void aStaleReplicaSendsReadsToThePrimaryUntilItHasCaughtUp() {
        Topology topology = Stand.topology();
        Faults faults = topology.faults();
        faults.pauseReplayEverywhere();
        SagaId during;
        try {
            during = store.start(NewSaga.named("paused")).id();
            Await.until("reads leave the replicas", () -> source(HALF_A_SECOND) == ReadSource.PRIMARY);
            ReadResult<Optional<Saga>> result = store.reads(HALF_A_SECOND).find(during);
            assertThat(result.receipt().reason()).isEqualTo(RouteReason.REPLICA_STALE);
            assertThat(result.value()).isPresent();

            ReadResult<Optional<Saga>> any = store.reads(ReadConsistency.any()).find(during);
            assertThat(any.receipt().source()).isEqualTo(ReadSource.REPLICA);
            assertThat(any.receipt().reason()).isEqualTo(RouteReason.ANY_ACCEPTED);
            assertThat(any.value()).as("a paused replica cannot have it").isEmpty();
            assertThat(any.receipt().staleness().orElseThrow())
                    .as("and says that it may miss what is younger")
                    .isGreaterThan(Duration.ofMillis(400));
        } finally {
            faults.resumeReplayEverywhere();
        }
        Await.until("reads return to the replicas", () -> source(HALF_A_SECOND) == ReadSource.REPLICA);
        assertThat(store.reads(HALF_A_SECOND).find(during).value()).isPresent();
    }

    @Test
    void whoKnowsAVersionGetsItOrALaterOne() {
        Topology topology = Stand.topology();
        SagaReads any = store.reads(ReadConsistency.any());
        SagaId id = store.start(NewSaga.named("version")).id();
        Await.until(
                "a replica has the first version",
                () -> any.find(id, 1).receipt().source() == ReadSource.REPLICA);
        topology.faults().pauseReplayEverywhere();
        try {
            long version = store.apply(id, 1, SagaChange.to(SagaStatus.RUNNING)).appliedVersion();
            assertThat(any.find(id).value().orElseThrow().version()).isEqualTo(1);
            ReadResult<Optional<Saga>> known = any.find(id, version);
            assertThat(known.value().orElseThrow().version()).isEqualTo(version);
            assertThat(known.receipt().source()).isEqualTo(ReadSource.PRIMARY);
            assertThat(known.receipt().reason()).isEqualTo(RouteReason.VERSION_AWAITED);
            assertThat(any.find(id, 1).receipt().source()).isEqualTo(ReadSource.REPLICA);

            ReadResult<Optional<Saga>> beyond = any.find(id, 99);
            assertThat(beyond.value().orElseThrow().version())
                    .as("the primary's answer is the truth")
                    .isEqualTo(version);
            assertThat(any.find(SagaId.next(), 1).value()).isEmpty();
        } finally {
            topology.faults().resumeReplayEverywhere();
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> any.find(id, 0))
                .withMessage("version must be at least 1 but is 0");
    }

    @Test
    void aReplicaThatIsPausedDoesNotKeepReadsFromTheOther() {
        Faults faults = Stand.topology().faults();
        faults.pauseReplay(0);
        try {
            Await.until("a read finds the other replica", () -> {
                store.start(NewSaga.named("other"));
                ReadReceipt receipt = store.reads(HALF_A_SECOND)
                        .countByStatus(SagaFilter.named("other"))
                        .receipt();
                return receipt.source() == ReadSource.REPLICA
                        && Stand.topology()
                                .replicaUrl(1)
                                .contains(":" + receipt.server().replaceAll(".*:", "") + "/");
            });
        } finally {
            faults.resumeReplay(0);
        }
    }

    @Test
    void anIdlePrimaryDoesNotMakeReplicasLookStale() {
        // Nothing is written: what grows the naive lag. The age of the newest sample is all that may show.
        Instant end = Instant.now().plus(Duration.ofSeconds(3));
        Await.until("three quiet seconds have passed", () -> Instant.now().isAfter(end));
        assertThat(source(HALF_A_SECOND)).isEqualTo(ReadSource.REPLICA);
    }

    @Test
    void pagesShowEverySagaOnceWhateverComesInMeanwhile() {
        Set<SagaId> started = new HashSet<>();
        for (int i = 0; i < 25; i++) {
            started.add(store.start(NewSaga.named("paged")).id());
        }
        SagaReads reads = store.reads(ReadConsistency.strong());
        List<SagaId> listed = new ArrayList<>();
        Optional<PageRequest> next = Optional.of(PageRequest.first(10));
        List<Integer> sizes = new ArrayList<>();
        while (next.isPresent()) {
            Page<SagaSummary> page =
                    reads.list(SagaFilter.named("paged"), next.get()).value();
            page.items().forEach(saga -> listed.add(saga.id()));
            sizes.add(page.items().size());
            next = page.next();
            store.start(NewSaga.named("paged"));
        }
        assertThat(sizes).containsExactly(10, 10, 5);
        assertThat(listed).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(started);
        assertThat(listed).isSortedAccordingTo((a, b) -> b.toString().compareTo(a.toString()));
    }

    @Test
    void filtersNarrowListsAndCounts() {
        SagaId running = store.start(NewSaga.named("filtered")).id();
        store.apply(running, 1, SagaChange.to(SagaStatus.RUNNING));
        SagaId pending = store.start(NewSaga.named("filtered")).id();
        SagaReads reads = store.reads(ReadConsistency.strong());

        assertThat(reads.countByStatus(SagaFilter.named("filtered")).value())
                .containsEntry(SagaStatus.RUNNING, 1L)
                .containsEntry(SagaStatus.PENDING, 1L)
                .containsEntry(SagaStatus.FAILED, 0L)
                .hasSize(SagaStatus.values().length);
        assertThat(ids(reads, SagaFilter.named("filtered").status(SagaStatus.RUNNING)))
                .containsExactly(running);
        assertThat(ids(
                        reads,
                        SagaFilter.named("filtered")
                                .createdFrom(pending.createdAt().plusMillis(1))))
                .isEmpty();
        assertThat(ids(reads, SagaFilter.named("filtered").createdBefore(running.createdAt())))
                .isEmpty();
        assertThat(ids(reads, SagaFilter.all().status(SagaStatus.RUNNING, SagaStatus.PENDING)))
                .contains(running, pending);
        Map<SagaStatus, Long> none =
                reads.countByStatus(SagaFilter.named("nobody")).value();
        assertThat(none.values()).containsOnly(0L);
    }

    @Test
    @SuppressWarnings("NullAway")
    void nullIsRefusedByName() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> store.reads(null))
                .withMessage("consistency must not be null");
        SagaReads reads = store.reads(HALF_A_SECOND);
        assertThatIllegalArgumentException().isThrownBy(() -> reads.find(null)).withMessage("id must not be null");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> reads.find(null, 1))
                .withMessage("id must not be null");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> reads.findByKey(null, "k"))
                .withMessage("name must not be null");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> reads.findByKey("n", null))
                .withMessage("idempotencyKey must not be null");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> reads.list(SagaFilter.all(), null))
                .withMessage("page must not be null");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> reads.countByStatus(null))
                .withMessage("filter must not be null");
    }

    private static List<SagaId> ids(SagaReads reads, SagaFilter filter) {
        return reads.list(filter, PageRequest.first(100)).value().items().stream()
                .map(SagaSummary::id)
                .toList();
    }

    private static ReadSource source(ReadConsistency consistency) {
        return store.reads(consistency)
                .countByStatus(SagaFilter.all())
                .receipt()
                .source();
    }
}
