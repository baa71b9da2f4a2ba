package io.sagaz.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CircuitTest {
    private static final long FIRST = Duration.ofMillis(500).toNanos();
    private static final long LONGEST = Duration.ofSeconds(10).toNanos();

    private double chance = 0.5;
    private final Circuit circuit = new Circuit(() -> chance);

    @Test
    void closedItAdmitsEverybody() {
        assertThat(circuit.admits(0)).isTrue();
        assertThat(circuit.admits(0)).isTrue();
        assertThat(circuit.isOpen()).isFalse();
        assertThat(circuit.remaining(0)).as("nobody need ask again").isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aFailureOpensIt() {
        assertThat(circuit.failed(0)).isTrue();
        assertThat(circuit.isOpen()).isTrue();
        assertThat(circuit.failed(0)).as("it was open").isFalse();
    }

    @Test
    void openItAdmitsOneAfterThePause() {
        circuit.failed(0);
        assertThat(circuit.admits(0)).isFalse();
        assertThat(circuit.admits(FIRST - 1)).isFalse();
        assertThat(circuit.admits(FIRST)).isTrue();
        assertThat(circuit.admits(FIRST)).as("one at a time").isFalse();
    }

    @Test
    void itTellsHowMuchOfThePauseIsLeft() {
        circuit.failed(7);
        assertThat(circuit.remaining(7)).isEqualTo(FIRST);
        assertThat(circuit.remaining(7 + FIRST - 1)).isEqualTo(1);
        assertThat(circuit.remaining(7 + 2 * FIRST)).as("it is over").isZero();
        circuit.admits(7 + FIRST);
        assertThat(circuit.remaining(7 + FIRST)).as("one tries").isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void eachPauseIsTwiceTheOneBeforeUpToItsLimit() {
        long now = 0;
        for (long pause = FIRST; pause < LONGEST; pause *= 2) {
            now = failAndWait(now, pause);
        }
        now = failAndWait(now, LONGEST);
        failAndWait(now, LONGEST);
    }

    @Test
    void whatWasUnderWayTogetherCountsOnce() {
        circuit.failed(0);
        circuit.failed(1);
        circuit.failed(FIRST - 1);
        assertThat(circuit.admits(FIRST)).isTrue();
        circuit.failed(FIRST);
        assertThat(circuit.remaining(FIRST)).isEqualTo(2 * FIRST);
    }

    @Test
    void aSuccessClosesItAndTheNextPauseIsShortAgain() {
        long now = failAndWait(failAndWait(0, FIRST), 2 * FIRST);
        circuit.succeeded();
        assertThat(circuit.isOpen()).isFalse();
        assertThat(circuit.admits(now)).isTrue();
        assertThat(circuit.admits(now)).isTrue();
        failAndWait(now, FIRST);
    }

    @Test
    void giveOrTakeAFifthSoThatNotAllTryAtOnce() {
        chance = 0;
        circuit.failed(0);
        assertThat(circuit.remaining(0)).isEqualTo(FIRST / 10 * 8);
        circuit.succeeded();
        chance = Math.nextDown(1.0);
        circuit.failed(0);
        assertThat(circuit.remaining(0)).isBetween(FIRST / 10 * 12 - 1, FIRST / 10 * 12);
    }

    @Test
    void eachPauseIsByAChanceOfItsOwn() {
        Circuit any = new Circuit();
        int shorter = 0;
        for (int i = 0; i < 1_000; i++) {
            any.failed(0);
            assertThat(any.remaining(0)).isBetween(FIRST / 10 * 8, FIRST / 10 * 12);
            shorter += any.remaining(0) < FIRST ? 1 : 0;
            any.succeeded();
        }
        assertThat(shorter).isBetween(1, 999);
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MIN_VALUE, Long.MAX_VALUE, -1})
    void clocksMayStandAnywhere(long start) {
        circuit.failed(start);
        assertThat(circuit.admits(start + FIRST - 1)).isFalse();
        assertThat(circuit.remaining(start)).isEqualTo(FIRST);
        assertThat(circuit.admits(start + FIRST)).isTrue();
    }

    /** Fails now, and lets one through when the pause is over: returns when. */
    private long failAndWait(long now, long pause) {
        circuit.failed(now);
        assertThat(circuit.remaining(now)).isEqualTo(pause);
        assertThat(circuit.admits(now + pause)).isTrue();
        return now + pause;
    }
}
