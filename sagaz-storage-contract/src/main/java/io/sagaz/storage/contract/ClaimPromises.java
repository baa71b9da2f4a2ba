package io.sagaz.storage.contract;

import static io.sagaz.storage.SagaStatus.PENDING;
import static io.sagaz.storage.SagaStatus.RUNNING;
import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.AuditRecord;
import io.sagaz.storage.ChangeResult;
import io.sagaz.storage.ClaimRequest;
import io.sagaz.storage.ClaimedSaga;
import io.sagaz.storage.Lease;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.StartResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Workers take over what others have left, each saga one of them. */
abstract class ClaimPromises extends Promises {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final int WORKERS = 6;

    ClaimPromises(SagaStoreContract contract) {
        super(contract);
    }

    @Test
    @DisplayName("goes to one who asks, in the next version, and has a lease again")
    void whatIsGivenUpIsClaimedOnce() {
        String name = newName();
        SagaId id = abandon(name, 1).get(0);
        assertThat(claim("second", name)).containsExactly(new ClaimedSaga(id, name, PENDING, 2, Optional.of("first")));
        assertThat(claim("third", name)).as("it has a lease again").isEmpty();
        assertThat(find(id).version()).isEqualTo(2);
        assertThat(find(id).status()).isEqualTo(PENDING);
        assertThat(find(id).summary().owner()).contains("second");
        assertThat(find(id).summary().leasedUntil().orElseThrow())
                .isBetween(
                        find(id).summary().updatedAt().plus(Duration.ofMinutes(59)),
                        find(id).summary().updatedAt().plus(Duration.ofMinutes(61)));
    }

    @Test
    @DisplayName("is not one whose lease has not run out, however idle it is")
    void whatHasALeaseIsLeftAlone() {
        String name = newName();
        writes().start(NewSaga.named(name).lease(new Lease("first", HOUR)));
        assertThat(claim("second", name)).isEmpty();
        assertThat(writes().claimAbandoned(
                                ClaimRequest.by("second", HOUR).names(name).idleFor(Duration.ZERO)))
                .isEmpty();
    }

    @Test
    @DisplayName("is one whose lease runs out by itself")
    void aLeaseRunsOut() {
        String name = newName();
        SagaId id = writes().start(NewSaga.named(name).lease(new Lease("first", Duration.ofMillis(200))))
                .id();
        List<ClaimedSaga> claimed = new ArrayList<>();
        await("the lease has run out", () -> {
            claimed.addAll(claim("second", name));
            return !claimed.isEmpty();
        });
        assertThat(claimed).containsExactly(new ClaimedSaga(id, name, PENDING, 2, Optional.of("first")));
    }

    @Test
    @DisplayName("is one without a lease that has not changed for as long as was asked for")
    void withoutALeaseOnlyWhatHasStoodStillIsClaimed() {
        String name = newName();
        SagaId id = writes().start(NewSaga.named(name)).id();
        assertThat(claim("worker", name)).as("five minutes have not passed").isEmpty();
        assertThat(writes().claimAbandoned(
                                ClaimRequest.by("worker", HOUR).names(name).idleFor(Duration.ZERO)))
                .containsExactly(new ClaimedSaga(id, name, PENDING, 2, Optional.empty()));
    }

    @ParameterizedTest
    @DisplayName("is not finished")
    @EnumSource
    void onlyUnfinishedSagasAreClaimed(SagaStatus status) {
        String name = newName();
        SagaId id = abandon(name, 1).get(0);
        long version = bring(id, status);
        List<ClaimedSaga> claimed = claim("second", name);
        if (status.isFinished()) {
            assertThat(claimed).isEmpty();
            assertThat(find(id).version()).isEqualTo(version);
        } else {
            assertThat(claimed).containsExactly(new ClaimedSaga(id, name, status, version + 1, Optional.of("first")));
        }
    }

    @Test
    @DisplayName("has one of the names that were asked for")
    void onlyTheNamesThatWereAskedForAreClaimed() {
        String order = newName();
        String refund = newName();
        abandon(order, 3);
        abandon(refund, 2);
        assertThat(writes().claimAbandoned(ClaimRequest.by("worker", HOUR).names(refund, newName())))
                .extracting(ClaimedSaga::name)
                .containsExactly(refund, refund);
        assertThat(claim("worker", order)).hasSize(3);
    }

    @Test
    @DisplayName("may have any name if none was asked for")
    void withoutNamesAllAreClaimed() {
        String order = newName();
        String refund = newName();
        abandon(order, 1);
        abandon(refund, 1);
        List<ClaimedSaga> claimed =
                writes().claimAbandoned(ClaimRequest.by("worker", HOUR).limit(1_000));
        assertThat(claimed).extracting(ClaimedSaga::name).contains(order, refund);
    }

    @Test
    @DisplayName("is one of the oldest, and of no more than were asked for")
    void noMoreAreClaimedThanWereAskedForAndTheOldestFirst() {
        String name = newName();
        List<SagaId> oldestFirst = abandon(name, 12);
        for (int begin = 0; begin < 12; begin += 5) {
            assertThat(writes().claimAbandoned(
                                    ClaimRequest.by("worker", HOUR).names(name).limit(5)))
                    .extracting(ClaimedSaga::id)
                    .containsExactlyElementsOf(oldestFirst.subList(begin, Math.min(begin + 5, 12)));
        }
        assertThat(claim("worker", name)).isEmpty();
    }

    @Test
    @DisplayName("of a name with few sagas comes as soon as one of a name with many")
    void namesHaveEqualShares() {
        String many = newName();
        String few = newName();
        abandon(many, 100);
        abandon(few, 13);
        ClaimRequest twenty = ClaimRequest.by("worker", HOUR).names(many, few).limit(20);
        assertThat(countByName(writes().claimAbandoned(twenty))).isEqualTo(Map.of(many, 10L, few, 10L));
        assertThat(countByName(writes().claimAbandoned(twenty)))
                .as("what one name does not need is for the other")
                .isEqualTo(Map.of(many, 17L, few, 3L));
    }

    @Test
    @DisplayName("is found though more names have sagas than sagas are asked for")
    void moreNamesThanSagasAreWanted() {
        String[] names = IntStream.range(0, 6).mapToObj(i -> newName()).toArray(String[]::new);
        for (String name : names) {
            abandon(name, 4);
        }
        ClaimRequest three = ClaimRequest.by("worker", HOUR).names(names).limit(3);
        Map<String, Long> all = countByName(IntStream.range(0, 8)
                .mapToObj(round -> {
                    List<ClaimedSaga> claimed = writes().claimAbandoned(three);
                    assertThat(claimed).hasSize(3);
                    return claimed;
                })
                .flatMap(Collection::stream)
                .toList());
        assertThat(all).hasSize(6).allSatisfy((name, count) -> assertThat(count).isEqualTo(4));
    }

    @Test
    @DisplayName("is not changed by its former owner any more")
    void theVersionFences() {
        String name = newName();
        SagaId id = abandon(name, 1).get(0);
        ClaimedSaga claimed = claim("second", name).get(0);
        assertThat(writes().apply(id, 1, SagaChange.to(RUNNING))).isEqualTo(new ChangeResult.Conflict(2, PENDING));
        assertThat(writes().apply(id, 1, SagaChange.renewed(new Lease("first", HOUR))))
                .isEqualTo(new ChangeResult.Conflict(2, PENDING));
        assertThat(writes().apply(id, claimed.version(), SagaChange.to(RUNNING)))
                .isEqualTo(new ChangeResult.Applied(3, RUNNING));
        assertThat(find(id).summary().owner()).contains("second");
    }

    @Test
    @DisplayName("is none any more if its owner comes back before anybody has claimed it")
    void aChangeRenewsTheLease() {
        String name = newName();
        SagaId id = abandon(name, 1).get(0);
        assertThat(writes().apply(id, 1, SagaChange.renewed(new Lease("first", HOUR))))
                .isEqualTo(new ChangeResult.Applied(2, PENDING));
        assertThat(claim("second", name)).isEmpty();
        writes().apply(id, 2, SagaChange.renewed(new Lease("first", Duration.ZERO)));
        assertThat(claim("second", name)).as("given up at once").hasSize(1);
    }

    @Test
    @DisplayName("has an entry in the audit log when it is claimed")
    void theAuditLogTellsOfAClaim() {
        String name = newName();
        SagaId id = abandon(name, 1).get(0);
        claim("second", name);
        AuditRecord entry = trail(id).get(1);
        assertThat(entry.type()).isEqualTo("SAGA_CLAIMED");
        assertThat(entry.version()).contains(2L);
    }

    @Test
    @DisplayName("goes to one of those who ask at the same moment")
    void workersWhoClaimAtOnceGetDifferentSagas() {
        String[] names = {newName(), newName(), newName()};
        List<SagaId> abandoned = new ArrayList<>();
        for (String name : names) {
            abandoned.addAll(abandon(name, 60));
        }
        AtomicInteger workers = new AtomicInteger();
        List<List<ClaimedSaga>> each = Together.run(WORKERS, () -> {
            ClaimRequest request = ClaimRequest.by("worker-" + workers.incrementAndGet(), HOUR)
                    .names(names)
                    .limit(7);
            List<ClaimedSaga> all = new ArrayList<>();
            List<ClaimedSaga> some = writes().claimAbandoned(request);
            while (!some.isEmpty()) {
                all.addAll(some);
                some = writes().claimAbandoned(request);
            }
            return all;
        });
        List<ClaimedSaga> claimed = each.stream().flatMap(Collection::stream).toList();
        assertThat(claimed).extracting(ClaimedSaga::id).doesNotHaveDuplicates();
        assertThat(claimed).allMatch(saga -> saga.version() == 2);
        List<SagaId> rest = new ArrayList<>(abandoned);
        rest.removeAll(claimed.stream().map(ClaimedSaga::id).toList());
        // What one was about to change is passed over by others, which then find nothing left: it is claimed later.
        List<SagaId> later = writes()
                .claimAbandoned(ClaimRequest.by("late", HOUR).names(names).limit(1_000))
                .stream()
                .map(ClaimedSaga::id)
                .toList();
        assertThat(later).containsExactlyInAnyOrderElementsOf(rest);
    }

    @Test
    @DisplayName("is wanted by somebody")
    @SuppressWarnings("NullAway") // What must not be null is.
    void aRequestIsNeeded() {
        refuses(() -> writes().claimAbandoned(null));
    }

    private List<ClaimedSaga> claim(String worker, String name) {
        return writes().claimAbandoned(ClaimRequest.by(worker, HOUR).names(name));
    }

    /** Sagas of an owner named "first" who has given them up, the oldest first. */
    private List<SagaId> abandon(String name, int number) {
        NewSaga template = NewSaga.named(name).lease(new Lease("first", Duration.ZERO));
        return writes()
                .startAll(IntStream.range(0, number)
                        .mapToObj(i -> template.id(SagaId.next()))
                        .toList())
                .stream()
                .map(StartResult::id)
                .toList();
    }

    private static Map<String, Long> countByName(Collection<ClaimedSaga> sagas) {
        return sagas.stream()
                .map(ClaimedSaga::name)
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
    }
}
