package io.sagaz.testkit;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Waits for conditions, always with a deadline. */
final class Await {
    private static final long POLL_MILLIS = 10;

    private Await() {}

    /** Something that becomes true. An exception ends the waiting. */
    @FunctionalInterface
    interface Condition {
        boolean holds();
    }

    /** Returns whether the condition held before the time was over. */
    static boolean holds(Duration atMost, Condition condition) {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() - deadline >= 0) {
                return false;
            }
            try {
                TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                throw interrupted(e);
            }
        }
        return true;
    }

    static TopologyException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new TopologyException("Interrupted while waiting for a program of the topology", e);
    }
}
