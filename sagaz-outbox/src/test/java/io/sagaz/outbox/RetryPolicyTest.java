package io.sagaz.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RetryPolicyTest {
    @Test
    void eachPauseIsTwiceTheOneBeforeUpToTheLongest() {
        RetryPolicy policy = new RetryPolicy(100, Duration.ofSeconds(2), Duration.ofHours(1));
        assertThat(policy.delay(1)).isEqualTo(Duration.ofSeconds(2));
        assertThat(policy.delay(2)).isEqualTo(Duration.ofSeconds(4));
        assertThat(policy.delay(11)).isEqualTo(Duration.ofSeconds(2048));
        assertThat(policy.delay(12)).isEqualTo(Duration.ofHours(1));
        assertThat(policy.delay(Integer.MAX_VALUE)).isEqualTo(Duration.ofHours(1));
    }

    @Test
    void whatFailedTogetherIsNotTriedTogether() {
        for (int i = 0; i < 1_000; i++) {
            assertThat(RetryPolicy.DEFAULT.after(1).orElseThrow())
                    .isBetween(Duration.ofMillis(1_600), Duration.ofMillis(2_400));
        }
    }

    @Test
    void afterTheLastAttemptThereIsNone() {
        assertThat(RetryPolicy.DEFAULT.after(9)).isPresent();
        assertThat(RetryPolicy.DEFAULT.after(10)).isEmpty();
        assertThat(new RetryPolicy(1, Duration.ofMillis(1), Duration.ofMillis(1)).after(1))
                .isEmpty();
    }

    @Test
    void theOutermostBoundsAreAllowed() {
        RetryPolicy policy = new RetryPolicy(1, Duration.ofMillis(1), Duration.ofDays(365));
        assertThat(policy.delay(Integer.MAX_VALUE)).isEqualTo(Duration.ofDays(365));
        RetryPolicy even = new RetryPolicy(1, Duration.ofDays(365), Duration.ofDays(365));
        assertThat(even.delay(2)).isEqualTo(Duration.ofDays(365));
    }

    @Test
    @SuppressWarnings("NullAway")
    void nullIsRefusedByName() {
        assertThatThrownBy(() -> new RetryPolicy(1, null, Duration.ofSeconds(1)))
                .hasMessageContaining("RetryPolicy.first")
                .hasMessageContaining("null");
        assertThatThrownBy(() -> new RetryPolicy(1, Duration.ofSeconds(1), null))
                .hasMessageContaining("RetryPolicy.longest")
                .hasMessageContaining("null");
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        assertThatThrownBy(() -> new RetryPolicy(0, Duration.ofSeconds(1), Duration.ofSeconds(1)))
                .hasMessageContaining("RetryPolicy.attempts")
                .hasMessageContaining("0");
        assertThatThrownBy(() -> new RetryPolicy(1, Duration.ZERO, Duration.ofSeconds(1)))
                .hasMessage("RetryPolicy.first must be at least PT0.001S but is PT0S");
        assertThatThrownBy(() -> new RetryPolicy(1, Duration.ofNanos(999_999), Duration.ofSeconds(1)))
                .as("it would be none at all in milliseconds")
                .hasMessageContaining("RetryPolicy.first");
        assertThatThrownBy(() -> new RetryPolicy(
                        1, Duration.ofSeconds(1), Duration.ofDays(365).plusNanos(1)))
                .hasMessageContaining("RetryPolicy.longest")
                .hasMessageContaining("at most 365 days");
        assertThatThrownBy(() -> new RetryPolicy(1, Duration.ofSeconds(2), Duration.ofSeconds(1)))
                .hasMessageContaining("RetryPolicy.longest")
                .hasMessageContaining("PT2S")
                .hasMessageContaining("PT1S");
    }
}
