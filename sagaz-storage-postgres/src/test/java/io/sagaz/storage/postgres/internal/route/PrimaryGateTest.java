package io.sagaz.storage.postgres.internal.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.RouteReason;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class PrimaryGateTest {
    private static final long START = 7_000_000_000_000L;
    private static final long TOO_LONG = Duration.ofMillis(251).toNanos();

    @Test
    void itIsAQuarterOfThePoolAndNeverNothing() {
        assertThat(new PrimaryGate(1).width()).isEqualTo(1);
        assertThat(new PrimaryGate(7).width()).isEqualTo(1);
        assertThat(new PrimaryGate(40).width()).isEqualTo(10);
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
    void whoComesWhileItIsFullWaitsForAPlace() throws Exception {
        PrimaryGate gate = new PrimaryGate(4, () -> START);
        FutureTask<Optional<String>> second = new FutureTask<>(() -> gate.pass(() -> "second"));
        Thread waiting = new Thread(second);
        assertThat(gate.pass(() -> {
                    waiting.start();
                    awaitThatItWaits(waiting);
                    return "first";
                }))
                .contains("first");
        assertThat(second.get(1, TimeUnit.MINUTES)).contains("second");
    }

    @Test
    void aPlaceThatOpensWhileSomebodyWaitsIsTaken() {
        AtomicLong looks = new AtomicLong();
        long opensByOne = Duration.ofMillis(50).toNanos();
        PrimaryGate gate = new PrimaryGate(160, () -> START + looks.getAndIncrement() * opensByOne / 4);
        assertThat(gate.pass(() -> gate.pass(() -> "second"))).contains(Optional.of("second"));
    }

    @Test
    void theQuarterOfASecondThatSomebodyWaitsIsOfTheClock() {
        AtomicLong looks = new AtomicLong();
        PrimaryGate gate = new PrimaryGate(4, () -> START + looks.getAndIncrement() * TOO_LONG);
        assertThat(gate.pass(() -> gate.pass(() -> "second"))).contains(Optional.empty());
    }

    /** Each call is made by a thread of its own: none may find the gate locked by one that has gone. */
    @Test
    void itIsThereForAllThreads() throws Exception {
        PrimaryGate gate = new PrimaryGate(40);
        for (int i = 0; i < 3; i++) {
            assertThat(elsewhere(() -> gate.pass(() -> "read"))).contains("read");
            assertThat(elsewhere(gate::inUse)).isZero();
        }
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

    private static <T> T elsewhere(Supplier<T> call) throws Exception {
        CompletableFuture<T> answer = new CompletableFuture<>();
        Thread thread = new Thread(() -> answer.complete(call.get()));
        thread.setDaemon(true);
        thread.start();
        return answer.get(1, TimeUnit.MINUTES);
    }

    /** Its clock stands still: it waits until there is a place, or is sent away at once. */
    private static void awaitThatItWaits(Thread thread) {
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        while (thread.getState() != Thread.State.TIMED_WAITING && thread.getState() != Thread.State.TERMINATED) {
            assertThat(System.nanoTime() - deadline)
                    .as("the second waits at the gate or has gone")
                    .isNegative();
            Thread.onSpinWait();
        }
    }
}
