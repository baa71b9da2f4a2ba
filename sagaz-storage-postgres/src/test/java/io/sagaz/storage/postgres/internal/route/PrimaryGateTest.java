package io.sagaz.storage.postgres.internal.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.RouteReason;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PrimaryGateTest {
    @Test
    void itIsAQuarterOfThePoolAndNeverNothing() {
        assertThat(new PrimaryGate(1).width()).isEqualTo(1);
        assertThat(new PrimaryGate(7).width()).isEqualTo(1);
        assertThat(new PrimaryGate(40).width()).isEqualTo(10);
    }

    @Test
    void itOpensFromOneToAllWithinTwoSeconds() {
        assertThat(PrimaryGate.room(4, 0)).isEqualTo(1);
        assertThat(PrimaryGate.room(4, 499_999_999)).isEqualTo(1);
        assertThat(PrimaryGate.room(4, 500_000_000)).isEqualTo(2);
        assertThat(PrimaryGate.room(4, 1_500_000_000)).isEqualTo(4);
        assertThat(PrimaryGate.room(4, Long.MAX_VALUE / 2)).isEqualTo(4);
        assertThat(PrimaryGate.room(1, 0)).isEqualTo(1);
    }

    @Test
    void whoComesWhileItIsFullIsSentAwayAndLeavesNothingBehind() {
        PrimaryGate gate = new PrimaryGate(4);
        AtomicInteger made = new AtomicInteger();
        assertThat(gate.pass(() -> {
                    assertThat(gate.inUse()).isEqualTo(1);
                    assertThat(gate.pass(made::incrementAndGet))
                            .as("no room inside")
                            .isEmpty();
                    return made.incrementAndGet();
                }))
                .contains(1);
        assertThat(gate.inUse()).isZero();
        assertThat(gate.full(RouteReason.REPLICA_STALE, Duration.ofMillis(700)).retryAfter())
                .isEqualTo(Duration.ofMillis(700));
    }

    @Test
    void anInterruptedCallerIsSentAwayAndStaysInterrupted() {
        PrimaryGate gate = new PrimaryGate(4);
        assertThat(gate.pass(() -> {
                    Thread.currentThread().interrupt();
                    return gate.pass(() -> 1);
                }))
                .hasValueSatisfying(inner -> assertThat(inner).isEmpty());
        assertThat(Thread.interrupted()).isTrue();
        assertThat(gate.inUse()).isZero();
    }
}
