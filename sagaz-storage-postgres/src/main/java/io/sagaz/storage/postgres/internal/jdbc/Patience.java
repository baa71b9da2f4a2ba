package io.sagaz.storage.postgres.internal.jdbc;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Time to try again, from now on; with pauses that grow, and differ from those of others. For one thread. */
final class Patience {
    private static final long FIRST_PAUSE_MILLIS = 10;
    private static final long LONGEST_PAUSE_MILLIS = 1_000;

    private final long beginNanos = System.nanoTime();
    private final Duration timeout;
    private long pauseMillis = FIRST_PAUSE_MILLIS;

    Patience(Duration timeout) {
        this.timeout = timeout;
    }

    boolean isOver() {
        return System.nanoTime() - beginNanos >= timeout.toNanos();
    }

    /** What is left, at least a millisecond: for none at all means for ever in JDBC. */
    int remainingMillis() {
        long remaining = timeout.toMillis() - (System.nanoTime() - beginNanos) / 1_000_000;
        return (int) Math.max(1, remaining);
    }

    /** Blocks for a while. False when the thread was interrupted, which it then still is. */
    boolean pause() {
        try {
            Thread.sleep(ThreadLocalRandom.current().nextLong(pauseMillis / 2, pauseMillis + 1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
        pauseMillis = Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS);
        return true;
    }
}
