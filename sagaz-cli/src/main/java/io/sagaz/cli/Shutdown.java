package io.sagaz.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C and SIGTERM. The JVM runs its shutdown hooks then and ends when all of them have returned: this one tells the
 * command to stop and waits until it has cleaned up. The exit status (130 or 143) comes from the JVM.
 *
 * <p>Safe for threads.
 */
public final class Shutdown {
    /** How long the clean-up may take; then the JVM ends all the same. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final CountDownLatch requested = new CountDownLatch(1);
    private final CountDownLatch finished = new CountDownLatch(1);

    /** Hears of nothing yet. */
    Shutdown() {}

    /** Listens from now on. */
    static Shutdown listen() {
        Shutdown shutdown = new Shutdown();
        Runtime.getRuntime().addShutdownHook(new Thread(shutdown::endCommand, "sagaz-shutdown"));
        return shutdown;
    }

    /** The command is to stop. */
    void request() {
        requested.countDown();
    }

    private void endCommand() {
        if (finished.getCount() == 0) {
            return;
        }
        // What breaks from here on breaks because it is being taken down.
        Logging.silence();
        request();
        try {
            finished.await(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether the command is to stop. */
    public boolean isRequested() {
        return requested.getCount() == 0;
    }

    /** Waits, and says whether the command is to stop. */
    public boolean await(Duration atMost) throws InterruptedException {
        return requested.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Waits until the command is to stop. */
    public void await() throws InterruptedException {
        requested.await();
    }

    /** The command has cleaned up: the JVM may end. */
    void finished() {
        finished.countDown();
    }
}
