package io.sagaz.storage.postgres.internal.route;

import io.sagaz.storage.ReplicaTooStaleException;
import io.sagaz.storage.RouteReason;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Lets reads that no replica could answer go to the primary, a few at a time: when every replica is gone, all reads of a
 * busy dashboard at once must not take the connections that writes need. It opens slowly, one connection first, for the primary
 * does not have in its memory yet what such reads look at. Safe for threads.
 */
public final class PrimaryGate {
    private static final Duration WAIT = Duration.ofMillis(250);
    private static final int SHARE = 4;

    private final LongSupplier clock;
    private final ReentrantLock lock = new ReentrantLock(true);
    private final Condition freed = lock.newCondition();
    private final int width;
    /** Guarded by the lock. */
    private final Opening opening;

    /** A gate to a pool of this size: a quarter of it, and at least one connection. */
    public PrimaryGate(int poolSize) {
        this(poolSize, System::nanoTime);
    }

    PrimaryGate(int poolSize, LongSupplier clock) {
        this.clock = clock;
        width = Math.max(1, poolSize / SHARE);
        opening = new Opening(width, clock.getAsLong());
    }

    /** How many reads may be at the primary at once when it is wide open. */
    int width() {
        return width;
    }

    /** How many reads are at the primary now. */
    public int inUse() {
        lock.lock();
        try {
            return opening.inside();
        } finally {
            lock.unlock();
        }
    }

    /** Makes a read if there is room for it; empty if there is none. */
    <T> Optional<T> pass(Supplier<T> read) {
        try {
            if (!enter()) {
                return Optional.empty();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
        try {
            return Optional.of(read.get());
        } finally {
            leave();
        }
    }

    private boolean enter() throws InterruptedException {
        long deadline = clock.getAsLong() + WAIT.toNanos();
        lock.lock();
        try {
            return enterUntil(deadline);
        } finally {
            lock.unlock();
        }
    }

    private boolean enterUntil(long deadline) throws InterruptedException {
        long now = clock.getAsLong();
        while (!opening.enter(now)) {
            if (now - deadline >= 0) {
                return false;
            }
            // It may have opened further by itself.
            freed.awaitNanos(Math.min(deadline - now, opening.nanosForAPlace()));
            now = clock.getAsLong();
        }
        return true;
    }

    private void leave() {
        lock.lock();
        try {
            opening.leave(clock.getAsLong());
            freed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** That there was no room for a read. */
    ReplicaTooStaleException full(RouteReason reason, Duration retryAfter) {
        return new ReplicaTooStaleException(
                "No replica may answer this read (" + reason + "), and all " + width
                        + " connections to the primary that such reads may take stayed in use for "
                        + WAIT.toMillis() + " ms; try again after " + retryAfter.toMillis()
                        + " ms, or accept less freshness",
                retryAfter);
    }

    /** That a read was not to go through the gate. */
    static ReplicaTooStaleException closed(RouteReason reason, Duration retryAfter) {
        return new ReplicaTooStaleException(
                "No replica may answer this read (" + reason
                        + "), and it is not to go elsewhere (OnStale.FAIL); try again after " + retryAfter.toMillis()
                        + " ms, or accept less freshness",
                retryAfter);
    }
}
