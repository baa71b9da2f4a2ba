package io.sagaz.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class CircuitTest {
    private final Circuit circuit = new Circuit();

    @Test
    void closedItAdmitsEverybody() {
        assertThat(circuit.admits(0)).isTrue();
        assertThat(circuit.admits(0)).isTrue();
        assertThat(circuit.isOpen()).isFalse();
    }

    @Test
    void openItAdmitsOneAfterEachPause() {
        assertThat(circuit.failed(0)).as("it opens").isTrue();
        assertThat(circuit.failed(0)).as("it was open").isFalse();
        assertThat(circuit.admits(0)).isFalse();
        long later = Duration.ofSeconds(1).toNanos();
        assertThat(circuit.remaining(0)).isBetween(1L, later);
        assertThat(circuit.admits(later)).isTrue();
        assertThat(circuit.admits(later)).as("one at a time").isFalse();
        circuit.failed(later);
        assertThat(circuit.admits(later + Duration.ofMillis(700).toNanos()))
                .as("a longer pause")
                .isFalse();
        assertThat(circuit.admits(later + Duration.ofMillis(1_300).toNanos())).isTrue();
    }

    @Test
    void aPauseNeverGrowsBeyondItsLimit() {
        long now = 0;
        for (int i = 0; i < 100; i++) {
            circuit.failed(now);
            now += Duration.ofSeconds(40).toNanos();
            assertThat(circuit.admits(now)).isTrue();
        }
    }

    @Test
    void aSuccessClosesIt() {
        circuit.failed(0);
        circuit.succeeded();
        assertThat(circuit.isOpen()).isFalse();
        assertThat(circuit.admits(0)).isTrue();
    }
}
