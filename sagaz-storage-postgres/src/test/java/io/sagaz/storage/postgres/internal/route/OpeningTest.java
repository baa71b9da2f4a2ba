package io.sagaz.storage.postgres.internal.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OpeningTest {
    private static final long START = 7_000_000_000_000L;
    private static final long HALF_A_SECOND = Duration.ofMillis(500).toNanos();
    private static final long TWO_SECONDS = Duration.ofSeconds(2).toNanos();
    private static final long TEN_SECONDS = Duration.ofSeconds(10).toNanos();

    private final Opening opening = new Opening(4, START);

    @Test
    void theFirstIsAloneAtFirst() {
        assertThat(opening.enter(START)).isTrue();
        assertThat(opening.enter(START)).isFalse();
        assertThat(opening.inside()).as("who is sent away is not inside").isEqualTo(1);
    }

    @Test
    void whoLeavesMakesRoom() {
        opening.enter(START);
        opening.leave(START);
        assertThat(opening.inside()).isZero();
        assertThat(opening.enter(START)).isTrue();
    }

    @Test
    void itOpensByOneEachHalfSecondUpToAllFour() {
        assertThat(opening.nanosForAPlace()).isEqualTo(HALF_A_SECOND);
        assertThat(enterAll(START)).isEqualTo(1);
        assertThat(enterAll(START + HALF_A_SECOND - 1)).isEqualTo(1);
        assertThat(enterAll(START + HALF_A_SECOND)).isEqualTo(2);
        assertThat(enterAll(START + 3 * HALF_A_SECOND)).isEqualTo(4);
        assertThat(enterAll(START + 1_000 * TWO_SECONDS)).isEqualTo(4);
    }

    @Test
    void anOpeningForOneNeverHoldsMore() {
        Opening narrow = new Opening(1, START);
        assertThat(narrow.enter(START)).isTrue();
        assertThat(narrow.enter(START + 2 * TWO_SECONDS)).isFalse();
    }

    @Test
    void itOpensFromWhenItIsFirstUsedNotFromWhenItWasMade() {
        long later = START + TWO_SECONDS;
        assertThat(enterAll(later)).isEqualTo(1);
    }

    @Test
    void itStaysOpenWhileReadsComeAndGo() {
        opening.enter(START);
        opening.leave(START);
        assertThat(enterAll(START + TEN_SECONDS - 1)).isEqualTo(4);
    }

    @Test
    void afterTenSecondsWithNobodyInsideItOpensAnew() {
        opening.enter(START);
        opening.leave(START + TWO_SECONDS);
        assertThat(enterAll(START + TWO_SECONDS + TEN_SECONDS)).isEqualTo(1);
    }

    @Test
    void aLongReadKeepsItOpen() {
        opening.enter(START);
        opening.leave(START);
        opening.enter(START + TWO_SECONDS);
        assertThat(enterAll(START + 10 * TEN_SECONDS)).isEqualTo(4);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, Long.MIN_VALUE, Long.MAX_VALUE})
    void clocksMayStandAnywhere(long start) {
        Opening any = new Opening(4, start);
        assertThat(any.enter(start)).isTrue();
        assertThat(any.enter(start)).isFalse();
        assertThat(any.enter(start + HALF_A_SECOND)).isTrue();
        assertThat(any.enter(start + HALF_A_SECOND)).isFalse();
    }

    /** How many are inside after as many have gone in as can. */
    private int enterAll(long now) {
        for (int i = 0; i < 10; i++) {
            opening.enter(now);
        }
        return opening.inside();
    }
}
