package io.sagaz.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AwaitTest {
    private static final Duration NOT_LONG = Duration.ofMillis(20);

    private final AtomicInteger looks = new AtomicInteger();

    @Test
    void aConditionIsLookedAtUntilItHolds() {
        Await.until("it holds", () -> looks.incrementAndGet() == 3);
        assertThat(looks).hasValue(3);
    }

    @Test
    void aConditionThatDoesNotHoldIsNamed() {
        assertThatThrownBy(() -> Await.until("pigs fly", NOT_LONG, () -> false))
                .isInstanceOf(AssertionError.class)
                .hasMessage("Waited 0.02s in vain until pigs fly");
    }

    @Test
    void withoutAnyTimeItIsLookedAtOnce() {
        Await.until("it holds", Duration.ZERO, () -> looks.incrementAndGet() == 1);
        assertThatThrownBy(() -> Await.until("it holds", Duration.ZERO, () -> looks.incrementAndGet() == 1))
                .isInstanceOf(AssertionError.class);
        assertThat(looks).hasValue(2);
    }

    @Test
    void anExceptionEndsTheWaitingAndIsTold() {
        IOException broken = new IOException("no route");
        assertThatThrownBy(() -> Await.until("pigs fly", () -> {
                    looks.incrementAndGet();
                    throw broken;
                }))
                .isInstanceOf(AssertionError.class)
                .hasMessage("While waiting until pigs fly: java.io.IOException: no route")
                .hasCause(broken);
        assertThat(looks).hasValue(1);
    }

    @Test
    void theFirstValueThatIsAsWantedIsReturned() {
        assertThat(Await.value("it is 3", looks::incrementAndGet, seen -> seen >= 3))
                .isEqualTo(3);
    }

    @Test
    void theValueThatWasSeenLastIsTold() {
        assertThatThrownBy(() -> Await.value("it is negative", NOT_LONG, () -> 7, seen -> seen < 0))
                .isInstanceOf(AssertionError.class)
                .hasMessage("Waited 0.02s in vain until it is negative. Last seen: 7");
    }

    @Test
    void whatFailsIsTriedAgain() {
        Await.passes("it goes through", () -> {
            if (looks.incrementAndGet() == 1) {
                throw new IOException("not yet");
            }
            assertThat(looks).hasValue(3);
        });
        assertThat(looks).hasValue(3);
    }

    @Test
    void whatItFailedOfLastIsTold() {
        assertThatThrownBy(() -> Await.passes("it goes through", NOT_LONG, () -> {
                    throw new IOException("failure " + looks.incrementAndGet());
                }))
                .isInstanceOf(AssertionError.class)
                .hasMessage("Waited 0.02s in vain until it goes through. Last failure: java.io.IOException: failure "
                        + looks.get())
                .hasCauseInstanceOf(IOException.class);
        assertThat(looks.get()).isPositive();
    }

    @Test
    void whoIsInterruptedStaysSo() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> Await.until("pigs fly", () -> false))
                .isInstanceOf(AssertionError.class)
                .hasMessage("Interrupted while waiting until pigs fly")
                .hasCauseInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void anAttemptThatIsInterruptedIsNotTriedAgain() {
        assertThatThrownBy(() -> Await.passes("it goes through", () -> {
                    looks.incrementAndGet();
                    throw new InterruptedException();
                }))
                .hasMessage("Interrupted while waiting until it goes through");
        assertThat(Thread.interrupted()).isTrue();
        assertThat(looks).hasValue(1);
    }

    @Test
    void aNegativeTimeIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Await.until("it holds", Duration.ofSeconds(-1), () -> true))
                .withMessage("Await.atMost must not be negative but is PT-1S");
    }
}
