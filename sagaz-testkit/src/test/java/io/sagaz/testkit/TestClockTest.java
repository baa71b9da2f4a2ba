package io.sagaz.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TestClockTest {
    private static final Instant START = Instant.parse("2026-03-01T00:00:00Z");

    private final TestClock clock = TestClock.at(START);

    @Test
    void itStandsStillUntilItIsMoved() {
        assertThat(clock.instant()).isEqualTo(START);
        clock.advance(Duration.ofHours(25));
        assertThat(clock.instant()).isEqualTo("2026-03-02T01:00:00Z");
        clock.advance(Duration.ZERO);
        clock.set(START.minusSeconds(1));
        assertThat(clock.millis()).isEqualTo(START.toEpochMilli() - 1000);
    }

    @Test
    void itIsNotAdvancedBackwards() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> clock.advance(Duration.ofSeconds(-1)))
                .withMessage("TestClock.advance must not be negative, but is PT-1S: set(Instant) turns a clock back");
        assertThat(clock.instant()).isEqualTo(START);
    }

    @Test
    void theSameClockInAnotherZoneMovesWithIt() {
        Clock elsewhere = clock.withZone(ZoneId.of("Asia/Tokyo"));
        clock.advance(Duration.ofDays(1));
        assertThat(elsewhere.instant()).isEqualTo("2026-03-02T00:00:00Z");
        assertThat(elsewhere.getZone()).isEqualTo(ZoneId.of("Asia/Tokyo"));
        assertThat(clock.getZone()).isEqualTo(ZoneOffset.UTC);
    }

    @Test
    void stepsOfManyThreadsAddUp() throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Thread thread = new Thread(() -> {
                for (int step = 0; step < 1000; step++) {
                    clock.advance(Duration.ofMillis(1));
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(clock.instant()).isEqualTo(START.plusSeconds(4));
    }
}
