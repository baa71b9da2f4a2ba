package io.sagaz.storage.postgres.internal.route;

import io.sagaz.storage.ReplicaTooStaleException;
import io.sagaz.storage.RouteReason;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Lets reads that no replica could answer go to the primary, a few at a time: when every replica is gone, all reads of a
 * busy dashboard at once must not take the connections that writes need.
 */
public final class PrimaryGate {
    private static final Duration WAIT = Duration.ofMillis(250);
    private static final int SHARE = 4;

    private final int width;
    private final Semaphore permits;

    /** A gate to a pool of this size: a quarter of it, and at least one connection. */
    public PrimaryGate(int poolSize) {
        width = Math.max(1, poolSize / SHARE);
        permits = new Semaphore(width, true);
    }

    /** Makes a read if there is room for it; empty if there is none. */
    <T> Optional<T> pass(Supplier<T> read) {
        if (!tryEnter()) {
            return Optional.empty();
        }
        try {
            return Optional.of(read.get());
        } finally {
            permits.release();
        }
    }

    /** That there was no room for a read. */
    ReplicaTooStaleException full(RouteReason reason) {
        return new ReplicaTooStaleException(
                "No replica may answer this read (" + reason + "), and all " + width
                        + " connections to the primary that such reads may take stayed in use for "
                        + WAIT.toMillis() + " ms; try again, or accept less freshness",
                WAIT);
    }

    /** That a read was not to go through the gate. */
    static ReplicaTooStaleException closed(RouteReason reason) {
        return new ReplicaTooStaleException(
                "No replica may answer this read (" + reason
                        + "), and it is not to go elsewhere (OnStale.FAIL); try again, or accept less freshness",
                WAIT);
    }

    private boolean tryEnter() {
        try {
            return permits.tryAcquire(WAIT.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
