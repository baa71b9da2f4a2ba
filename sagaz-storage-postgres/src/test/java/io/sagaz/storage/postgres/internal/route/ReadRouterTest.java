package io.sagaz.storage.postgres.internal.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.CausalToken;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.RouteReason;
import java.time.Duration;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class ReadRouterTest {
    private static final ReadConsistency ONE_SECOND = ReadConsistency.atMost(Duration.ofSeconds(1));
    private static final OptionalLong UNKNOWN = OptionalLong.empty();

    @Test
    void aReplicaAtTheBoundMayAnswer() {
        assertThat(ReadRouter.judge(ONE_SECOND, null, OptionalLong.of(1_000_000_000L)))
                .isEqualTo(new ReadRouter.Verdict(true, RouteReason.REPLICA_FRESH));
    }

    @Test
    void aReplicaBehindTheBoundMayNot() {
        assertThat(ReadRouter.judge(ONE_SECOND, null, OptionalLong.of(1_000_000_001L)))
                .isEqualTo(new ReadRouter.Verdict(false, RouteReason.REPLICA_STALE));
    }

    @Test
    void unknownIsNeverFine() {
        assertThat(ReadRouter.judge(ReadConsistency.atMost(Duration.ofDays(365_000_000)), null, UNKNOWN))
                .isEqualTo(new ReadRouter.Verdict(false, RouteReason.REPLICA_UNKNOWN));
    }

    @Test
    void aBoundTooLargeForNanosecondsIsNoBound() {
        assertThat(ReadRouter.judge(
                                ReadConsistency.atMost(Duration.ofDays(365_000_000)),
                                null,
                                OptionalLong.of(Long.MAX_VALUE - 1))
                        .eligible())
                .isTrue();
    }

    @Test
    void whoAcceptsAnythingGetsAnything() {
        assertThat(ReadRouter.judge(ReadConsistency.any(), null, UNKNOWN))
                .isEqualTo(new ReadRouter.Verdict(true, RouteReason.ANY_ACCEPTED));
    }

    @Test
    void whoWantsEverythingGetsNoReplica() {
        assertThat(ReadRouter.judge(ReadConsistency.strong(), null, OptionalLong.of(0)))
                .isEqualTo(new ReadRouter.Verdict(false, RouteReason.STRONG_REQUESTED));
    }

    @Test
    void aTokenIsReachedByPositionInItsOwnHistoryOnly() {
        ReadConsistency wanted = ReadConsistency.atLeast(new CausalToken(1, 2, 50));
        assertThat(ReadRouter.judge(wanted, new ReplicaState(50, new History(1, 2), 0), UNKNOWN))
                .isEqualTo(new ReadRouter.Verdict(true, RouteReason.TOKEN_REACHED));
        assertThat(ReadRouter.judge(wanted, new ReplicaState(Long.MIN_VALUE, new History(1, 2), 0), UNKNOWN))
                .as("positions have no sign")
                .isEqualTo(new ReadRouter.Verdict(true, RouteReason.TOKEN_REACHED));
        assertThat(ReadRouter.judge(wanted, new ReplicaState(99, new History(1, 3), 0), OptionalLong.of(0)))
                .as("a later history may have parted before the token")
                .isEqualTo(new ReadRouter.Verdict(false, RouteReason.REPLICA_UNKNOWN));
        assertThat(ReadRouter.judge(wanted, new ReplicaState(49, new History(1, 2), 0), OptionalLong.of(0)))
                .isEqualTo(new ReadRouter.Verdict(false, RouteReason.TOKEN_AWAITED));
        assertThat(ReadRouter.judge(wanted, new ReplicaState(99, new History(1, 1), 0), OptionalLong.of(0)))
                .isEqualTo(new ReadRouter.Verdict(false, RouteReason.REPLICA_UNKNOWN));
        assertThat(ReadRouter.judge(wanted, new ReplicaState(99, new History(9, 2), 0), OptionalLong.of(0)))
                .as("of another cluster")
                .isEqualTo(new ReadRouter.Verdict(false, RouteReason.REPLICA_UNKNOWN));
        assertThat(ReadRouter.judge(wanted, null, UNKNOWN))
                .isEqualTo(new ReadRouter.Verdict(false, RouteReason.REPLICA_UNKNOWN));
    }
}
