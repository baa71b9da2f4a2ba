package io.sagaz.storage.postgres.internal.route;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BreakerTest {
    private static final long SHORTEST = 800_000_000L;
    private static final long LONGEST = 1_200_000_000L;

    private final Breaker breaker = new Breaker();

    @Test
    void whatHasNotFailedIsOpenToAll() {
        assertThat(breaker.admits(0)).isTrue();
        assertThat(breaker.admits(0)).isTrue();
        assertThat(breaker.isOpen()).isFalse();
    }

    @Test
    void whatHasFailedIsLeftAloneForAWhile() {
        breaker.failed(100);
        assertThat(breaker.isOpen()).isTrue();
        assertThat(breaker.admits(100)).isFalse();
        assertThat(breaker.admits(100 + SHORTEST - 1)).isFalse();
    }

    @Test
    void thenOneMayTryAndTheOthersWaitOn() {
        breaker.failed(0);
        assertThat(breaker.admits(LONGEST)).isTrue();
        assertThat(breaker.admits(LONGEST)).isFalse();
        assertThat(breaker.admits(LONGEST + SHORTEST - 1)).isFalse();
        assertThat(breaker.admits(2 * LONGEST))
                .as("the one may be gone for good")
                .isTrue();
    }

    @Test
    void whoeverSucceedsOpensItToAll() {
        breaker.failed(0);
        assertThat(breaker.admits(LONGEST)).isTrue();
        breaker.succeeded();
        assertThat(breaker.admits(LONGEST)).isTrue();
        assertThat(breaker.isOpen()).isFalse();
    }

    @Test
    void timeMayPassItsLargestNumber() {
        breaker.failed(Long.MAX_VALUE);
        assertThat(breaker.admits(Long.MIN_VALUE)).isFalse();
        assertThat(breaker.admits(Long.MIN_VALUE + LONGEST)).isTrue();
    }
}
