package io.sagaz.storage.postgres.internal.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class CatchUpTest {
    private static final long SECOND = 1_000_000_000L;

    private final CatchUp catchUp = new CatchUp();

    @Test
    void nothingIsKnownAtFirst() {
        assertThat(catchUp.nanosUntil(0, 0)).isEmpty();
        catchUp.observed(OptionalLong.of(9 * SECOND), 0);
        assertThat(catchUp.nanosUntil(0, 0)).isEmpty();
    }

    @Test
    void whoGainsTwoSecondsASecondNeedsHalfOfWhatItIsBehind() {
        catchUp.observed(OptionalLong.of(12 * SECOND), 0);
        catchUp.observed(OptionalLong.of(10 * SECOND), SECOND);
        assertThat(catchUp.nanosUntil(4 * SECOND, SECOND)).hasValue(3 * SECOND);
        assertThat(catchUp.nanosUntil(4 * SECOND, 2 * SECOND))
                .as("some of it has passed")
                .hasValue(2 * SECOND);
        assertThat(catchUp.nanosUntil(4 * SECOND, 9 * SECOND)).hasValue(0);
    }

    @Test
    void whoFallsFurtherBehindPromisesNothing() {
        catchUp.observed(OptionalLong.of(SECOND), 0);
        catchUp.observed(OptionalLong.of(2 * SECOND), SECOND);
        assertThat(catchUp.nanosUntil(0, SECOND)).isEmpty();
    }

    @Test
    void answersInQuickSuccessionAreOne() {
        catchUp.observed(OptionalLong.of(10 * SECOND), 0);
        catchUp.observed(OptionalLong.of(8 * SECOND), 1_000);
        assertThat(catchUp.nanosUntil(0, 1_000)).isEmpty();
    }

    @Test
    void whatBecameUnknownIsForgotten() {
        catchUp.observed(OptionalLong.of(12 * SECOND), 0);
        catchUp.observed(OptionalLong.of(10 * SECOND), SECOND);
        catchUp.observed(OptionalLong.empty(), 2 * SECOND);
        assertThat(catchUp.nanosUntil(0, 2 * SECOND)).isEmpty();
    }

    @Test
    void whoStandsStillPromisesNothing() {
        catchUp.observed(OptionalLong.of(10 * SECOND), 0);
        catchUp.observed(OptionalLong.of(10 * SECOND), SECOND);
        assertThat(catchUp.nanosUntil(4 * SECOND, SECOND)).isEmpty();
    }

    @Test
    void answersAFifthOfASecondApartAreTwoWhereverTheClockStands() {
        long apart = SECOND / 5;
        for (long start : new long[] {-9 * SECOND, 0, 9 * SECOND, Long.MAX_VALUE}) {
            catchUp.observed(OptionalLong.empty(), start);
            catchUp.observed(OptionalLong.of(10 * SECOND), start);
            catchUp.observed(OptionalLong.of(9 * SECOND), start + apart - 1);
            assertThat(catchUp.nanosUntil(4 * SECOND, start + apart - 1)).isEmpty();
            catchUp.observed(OptionalLong.of(8 * SECOND), start + apart);
            assertThat(catchUp.nanosUntil(4 * SECOND, start + apart)).hasValue(2 * apart);
        }
    }
}
