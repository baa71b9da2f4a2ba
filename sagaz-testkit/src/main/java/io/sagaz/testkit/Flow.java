package io.sagaz.testkit;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How bytes get through a network: at once, slowly or not at all. What waits here goes on as soon as that changes. Thread-safe.
 */
final class Flow {
    private static final long PIECES_A_SECOND = 20;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** Guarded by {@code lock}, as what follows. */
    private boolean frozen;

    private Speed speed = Speed.FULL;

    /**
     * How fast.
     *
     * @param latency how long a piece takes at least
     * @param bytesPerSecond of one direction of one connection
     */
    record Speed(Duration latency, long bytesPerSecond) {
        static final Speed FULL = new Speed(Duration.ZERO, Long.MAX_VALUE);

        Speed {
            if (latency.isNegative()) {
                throw new IllegalArgumentException("TcpProxy.slow: latency must not be negative, but is " + latency);
            }
            if (bytesPerSecond < 1) {
                throw new IllegalArgumentException("TcpProxy.slow: bytesPerSecond must be at least 1, but is "
                        + bytesPerSecond + ": freeze(true) lets nothing through");
            }
        }
    }

    void freeze(boolean freeze) {
        change(() -> frozen = freeze);
    }

    void set(Speed other) {
        change(() -> speed = other);
    }

    private void change(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until what has arrived on one side may arrive on the other. */
    void awaitArrival() {
        lock.lock();
        try {
            pause(speed, speed.latency().toNanos());
            while (frozen) {
                changed.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    /** How many of so many bytes may pass together. */
    int piece(int bytes) {
        lock.lock();
        try {
            return (int) Math.min(bytes, Math.max(1, speed.bytesPerSecond() / PIECES_A_SECOND));
        } finally {
            lock.unlock();
        }
    }

    /** Waits as long as so many bytes take, and until nothing is frozen. */
    void awaitPassage(int bytes) {
        lock.lock();
        try {
            pause(speed, TimeUnit.SECONDS.toNanos(bytes) / speed.bytesPerSecond());
            while (frozen) {
                changed.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    private void pause(Speed at, long nanos) {
        long left = nanos;
        try {
            while (left > 0 && speed.equals(at)) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
