package io.sagaz.storage.postgres.internal.route;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;

/**
 * Keeps callers away from something that has just failed, and lets one of them through each second to see whether it is back.
 * Safe for threads; knows no clock.
 */
final class Breaker {
    private static final long PAUSE = TimeUnit.SECONDS.toNanos(1);

    private final DoubleSupplier chance;
    private volatile boolean open;
    // Guarded by this.
    private long triedAtNanos;
    private long pauseNanos;

    Breaker() {
        this(() -> ThreadLocalRandom.current().nextDouble());
    }

    /**
     * One whose pauses are made of this chance.
     *
     * @param chance from 0 to 1
     */
    Breaker(DoubleSupplier chance) {
        this.chance = chance;
    }

    /** Whether this caller may go on: always while nothing has failed, and once in a while as the one that tries. */
    boolean admits(long now) {
        return !open || isTurnOf(now);
    }

    private synchronized boolean isTurnOf(long now) {
        if (open && now - triedAtNanos < pauseNanos) {
            return false;
        }
        rest(now);
        return true;
    }

    /** What the caller tried did not work. */
    synchronized void failed(long now) {
        open = true;
        rest(now);
    }

    /** What the caller tried did work. */
    void succeeded() {
        if (open) {
            open = false;
        }
    }

    /** Whether callers are kept away, as a whole: one may be trying. */
    boolean isOpen() {
        return open;
    }

    private void rest(long now) {
        triedAtNanos = now;
        // Jitter of a fifth keeps the instances of a service from trying all at once.
        pauseNanos = (long) (PAUSE * (0.8 + 0.4 * chance.getAsDouble()));
    }
}
