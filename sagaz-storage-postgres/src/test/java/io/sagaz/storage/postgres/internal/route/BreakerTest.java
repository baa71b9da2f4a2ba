package io.sagaz.storage.postgres.internal.route;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BreakerTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long SHORTEST = 800_000_000L;
    private static final long LONGEST = 1_200_000_000L;

    private double chance = 0.5;
    private final Breaker breaker = new Breaker(() -> chance);

    @Test
    void whatHasNotFailedIsOpenToAll() {
        assertThat(breaker.admits(0)).isTrue();
        assertThat(breaker.admits(0)).isTrue();
        assertThat(breaker.isOpen()).isFalse();
    }

    @Test
    void whatHasFailedIsLeftAloneForASecond() {
        breaker.failed(100);
        assertThat(breaker.isOpen()).isTrue();
        assertThat(breaker.admits(100)).isFalse();
        assertThat(breaker.admits(100 + SECOND - 1)).isFalse();
        assertThat(breaker.admits(100 + SECOND)).isTrue();
    }

    @Test
    void giveOrTakeAFifthSoThatNotAllTryAtOnce() {
        chance = 0;
        breaker.failed(0);
        assertThat(breaker.admits(SHORTEST - 1)).isFalse();
        assertThat(breaker.admits(SHORTEST)).isTrue();
        chance = Math.nextDown(1.0);
        breaker.failed(0);
        assertThat(breaker.admits(LONGEST - 1)).isFalse();
        assertThat(breaker.admits(LONGEST)).isTrue();
    }

    @Test
    void eachPauseIsByAChanceOfItsOwn() {
        Breaker any = new Breaker();
        int within = 0;
        for (int i = 0; i < 1_000; i++) {
            any.failed(0);
            assertThat(any.admits(SHORTEST - 1)).isFalse();
            within += any.admits(SECOND) ? 1 : 0;
            any.failed(0);
            assertThat(any.admits(LONGEST)).isTrue();
        }
        assertThat(within).as("shorter than a second").isBetween(1, 999);
    }

    @Test
    void thenOneMayTryAndTheOthersWaitOn() {
        breaker.failed(0);
        assertThat(breaker.admits(SECOND)).isTrue();
        assertThat(breaker.admits(SECOND)).isFalse();
        assertThat(breaker.admits(2 * SECOND - 1)).isFalse();
        assertThat(breaker.admits(2 * SECOND))
                .as("the one may be gone for good")
                .isTrue();
    }

    @Test
    void whoeverSucceedsOpensItToAll() {
        breaker.failed(0);
        assertThat(breaker.admits(SECOND)).isTrue();
        breaker.succeeded();
        assertThat(breaker.admits(SECOND)).isTrue();
        assertThat(breaker.admits(SECOND)).isTrue();
        assertThat(breaker.isOpen()).isFalse();
    }

    @Test
    void timeMayPassItsLargestNumber() {
        breaker.failed(Long.MAX_VALUE);
        assertThat(breaker.admits(Long.MIN_VALUE)).isFalse();
        assertThat(breaker.admits(Long.MIN_VALUE + SECOND)).isTrue();
    }
}
