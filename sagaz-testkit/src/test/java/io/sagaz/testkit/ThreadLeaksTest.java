package io.sagaz.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ThreadLeaksTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    private final CountDownLatch end = new CountDownLatch(1);
    private Thread begun = new Thread();

    @AfterEach
    void endIt() throws InterruptedException {
        end.countDown();
        begun.join();
    }

    private void begin(String name, boolean daemon) {
        begun = new Thread(
                () -> {
                    try {
                        end.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                name);
        begun.setDaemon(daemon);
        begun.start();
    }

    @ParameterizedTest
    @CsvSource({
        "worker-1, false",
        "sagaz-relay-default, false",
        "sagaz-relay-default, true",
        "sagaz-freshness, true",
        "HikariPool-1:housekeeper, true"
    })
    void aThreadThatWasNotEndedIsTold(String name, boolean daemon) {
        ThreadLeaks leaks = ThreadLeaks.watch();
        begin(name, daemon);
        assertThat(leaks.found()).containsExactly(begun);
        Await.until("it waits", () -> begun.getState() == Thread.State.WAITING);
        assertThatThrownBy(() -> leaks.awaitNone(Duration.ofMillis(1)))
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("Threads were not ended, PT0.001S after they should have been:\n  \"" + name
                        + "\" (" + (daemon ? "daemon, " : "") + "WAITING)\n      at ")
                .hasMessageContaining("CountDownLatch.await");
    }

    @ParameterizedTest
    @CsvSource({
        "ForkJoinPool.commonPool-worker-1, true",
        "junit-jupiter-timeout-watcher, false",
        "sagaz-testkit-close, false"
    })
    void threadsOfOthersAreNone(String name, boolean daemon) {
        ThreadLeaks leaks = ThreadLeaks.watch();
        begin(name, daemon);
        assertThat(leaks.found()).isEmpty();
        leaks.awaitNone(Duration.ZERO);
    }

    @Test
    void whatWasThereBeforeIsNone() {
        begin("sagaz-relay-default", false);
        ThreadLeaks.watch().awaitNone(Duration.ZERO);
    }

    @Test
    void aThreadThatIsAboutToEndIsWaitedFor() {
        ThreadLeaks leaks = ThreadLeaks.watch();
        begin("worker-1", false);
        end.countDown();
        leaks.awaitNone(SOON);
        assertThat(leaks.found()).isEmpty();
    }
}
