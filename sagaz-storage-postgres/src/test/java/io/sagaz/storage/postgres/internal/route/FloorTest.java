package io.sagaz.storage.postgres.internal.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.CausalToken;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.RouteReason;
import io.sagaz.storage.SagaId;
import java.time.Duration;
import java.util.Objects;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class FloorTest {
    private static final long NOW = 10_000;
    private static final CausalToken LOW = new CausalToken(1, 2, 50);
    private static final CausalToken HIGH = new CausalToken(1, 2, 60);
    private static final ReadConsistency ANY = ReadConsistency.any();

    @Test
    void ofTwoFloorsTheHigherHolds() {
        assertThat(new Floor(LOW, 5L).merge(new Floor(HIGH, 4L))).isEqualTo(new Floor(HIGH, 5L));
        assertThat(new Floor(HIGH, 4L).merge(new Floor(LOW, 5L))).isEqualTo(new Floor(HIGH, 5L));
        assertThat(Floor.NONE.merge(new Floor(LOW, 5L))).isEqualTo(new Floor(LOW, 5L));
        assertThat(new Floor(LOW, 5L).merge(Floor.NONE)).isEqualTo(new Floor(LOW, 5L));
        assertThat(Floor.since(Long.MAX_VALUE).merge(Floor.since(Long.MIN_VALUE)))
                .as("times have no sign")
                .isEqualTo(Floor.since(Long.MIN_VALUE));
    }

    @Test
    void aPositionOfAnotherClusterTakesThePlaceOfTheOneBefore() {
        CausalToken elsewhere = new CausalToken(9, 1, 10);
        assertThat(new Floor(HIGH, 5L).merge(new Floor(elsewhere, 4L))).isEqualTo(new Floor(elsewhere, 5L));
    }

    @Test
    void aFloorOfEitherKindIsOne() {
        assertThat(Floor.NONE.isNone()).isTrue();
        assertThat(new Floor(LOW, null).isNone()).isFalse();
        assertThat(Floor.since(0).isNone()).isFalse();
    }

    @Test
    void aReplicaMustShowWhatWasThereAtThatTime() {
        Demand demand = new Demand(ANY, Floor.since(NOW - 100));
        assertThat(judge(demand, OptionalLong.of(100)).eligible()).isTrue();
        assertThat(judge(demand, OptionalLong.of(101)))
                .isEqualTo(new ReadRouter.Verdict(false, RouteReason.WRITE_AWAITED));
        assertThat(judge(demand, OptionalLong.empty()))
                .as("unknown is never fine")
                .satisfies(verdict -> {
                    assertThat(verdict.eligible()).isFalse();
                });
    }

    @Test
    void theFirstThatIsInTheWayIsTold() {
        ReadConsistency fresh = ReadConsistency.atMost(Duration.ofNanos(10));
        assertThat(judge(new Demand(fresh, new Floor(HIGH, NOW - 1)), OptionalLong.of(11)))
                .isEqualTo(new ReadRouter.Verdict(false, RouteReason.REPLICA_STALE));
        assertThat(judge(new Demand(fresh, new Floor(HIGH, NOW - 1)), OptionalLong.of(10)))
                .isEqualTo(new ReadRouter.Verdict(false, RouteReason.TOKEN_AWAITED));
        assertThat(judge(new Demand(fresh, new Floor(LOW, NOW - 1)), OptionalLong.of(10)))
                .isEqualTo(new ReadRouter.Verdict(false, RouteReason.WRITE_AWAITED));
        assertThat(judge(new Demand(fresh, new Floor(LOW, NOW - 10)), OptionalLong.of(10)))
                .isEqualTo(new ReadRouter.Verdict(true, RouteReason.REPLICA_FRESH));
    }

    @Test
    void aReplicaMustHaveReachedThePosition() {
        assertThat(judge(new Demand(ANY, new Floor(LOW, null)), OptionalLong.empty()))
                .isEqualTo(new ReadRouter.Verdict(true, RouteReason.ANY_ACCEPTED));
        assertThat(judge(new Demand(ANY, new Floor(HIGH, null)), OptionalLong.of(0)))
                .isEqualTo(new ReadRouter.Verdict(false, RouteReason.TOKEN_AWAITED));
    }

    @Test
    void whatTheCallerAsksForHoldsBesideTheFloor() {
        Demand demand = new Demand(ReadConsistency.atMost(Duration.ofNanos(10)), Floor.since(NOW - 100));
        assertThat(judge(demand, OptionalLong.of(11)))
                .isEqualTo(new ReadRouter.Verdict(false, RouteReason.REPLICA_STALE));
        assertThat(judge(demand, OptionalLong.of(10)).eligible()).isTrue();
    }

    @Test
    void ownWritesAreRememberedBySagaAndByKey() {
        OwnWrites writes = new OwnWrites();
        SagaId id = SagaId.next();
        assertThat(writes.floor(id)).isEqualTo(Floor.NONE);
        assertThat(writes.floor("order", "42")).isEqualTo(Floor.NONE);

        long before = System.nanoTime();
        writes.wrote(id);
        writes.wrote("order", "42");
        long after = System.nanoTime();
        for (Floor floor : new Floor[] {writes.floor(id), writes.floor("order", "42")}) {
            assertThat(since(floor) - before).isBetween(0L, after - before);
        }
        long first = since(writes.floor(id));
        writes.wrote(id);
        assertThat(since(writes.floor(id))).isGreaterThanOrEqualTo(first);
    }

    private static long since(Floor floor) {
        return Objects.requireNonNull(floor.sinceNanos());
    }

    private static ReadRouter.Verdict judge(Demand demand, OptionalLong staleness) {
        return ReadRouter.judge(demand, new ReplicaState(50, new History(1, 2), 0), staleness, NOW);
    }
}
