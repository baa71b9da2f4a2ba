package io.sagaz.storage.postgres.internal.route;

import io.sagaz.storage.ReplicaTooStaleException;
import io.sagaz.storage.RouteReason;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Lets reads that no replica could answer go to the primary, a few at a time: when every replica is gone, all reads of a
 * busy dashboard at once must not take the connections that writes need. It opens slowly, one connection first, for the primary
 * does not have in its memory yet what such reads look at. Safe for threads.
 */
public final class PrimaryGate {
    private static final Duration WAIT = Duration.ofMillis(250);
    private static final int SHARE = 4;
    /** From the first connection to all of them. */
    private static final long OPENS_WITHIN = TimeUnit.SECONDS.toNanos(2);
    /** After so long without such reads it opens anew. */
    private static final long CLOSES_AFTER = TimeUnit.SECONDS.toNanos(10);

    private final int width;
    private final ReentrantLock lock = new ReentrantLock(true);
    private final Condition freed = lock.newCondition();

    // All guarded by the lock.
    private int inUse;
    private long openedAtNanos;
    private long lastUsedNanos = System.nanoTime() - CLOSES_AFTER;

    /** A gate to a pool of this size: a quarter of it, and at least one connection. */
    public PrimaryGate(int poolSize) {
        width = Math.max(1, poolSize / SHARE);
    }

    /** How many reads may be at the primary at once when it is wide open. */
    int width() {
        return width;
    }

    /** How many reads are at the primary now. */
    public int inUse() {
        lock.lock();
        try {
            return inUse;
        } finally {
            lock.unlock();
        }
    }

    /** How many may be there {@code nanos} after the gate began to open. */
    static int room(int width, long nanos) {
        return (int) Math.min(width, 1 + nanos / (OPENS_WITHIN / width));
    }

    /** Makes a read if there is room for it; empty if there is none. */
    <T> Optional<T> pass(Supplier<T> read) {
        if (!tryEnter()) {
            return Optional.empty();
        }
        try {
            return Optional.of(read.get());
        } finally {
            leave();
        }
    }

    private boolean tryEnter() {
        long deadline = System.nanoTime() + WAIT.toNanos();
        lock.lock();
        try {
            long now = System.nanoTime();
            if (inUse == 0 && now - lastUsedNanos >= CLOSES_AFTER) {
                openedAtNanos = now;
            }
            while (inUse >= room(width, now - openedAtNanos)) {
                if (now - deadline >= 0) {
                    return false;
                }
                // It may have opened further by itself.
                freed.awaitNanos(Math.min(deadline - now, OPENS_WITHIN / width));
                now = System.nanoTime();
            }
            inUse++;
            lastUsedNanos = now;
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    private void leave() {
        lock.lock();
        try {
            inUse--;
            lastUsedNanos = System.nanoTime();
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
