package io.sagaz.storage.postgres.internal.route;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Keeps the samples of the primary young while somebody reads, so that reads need not wait for one, and looks at
 * everything once in a while when nobody does, so that the gauges stay true. One thread; safe for threads.
 */
public final class FreshnessMonitor implements AutoCloseable {
    private static final long BUSY_PAUSE = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long IDLE_PAUSE = TimeUnit.SECONDS.toNanos(5);
    private static final long BUSY_FOR = TimeUnit.SECONDS.toNanos(5);

    private final PrimaryWatch watch;
    private final Replicas replicas;
    private final Thread thread;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private volatile long lastReadNanos = System.nanoTime() - BUSY_FOR;
    private volatile boolean closed;

    /** Starts the thread. */
    public FreshnessMonitor(PrimaryWatch watch, Replicas replicas) {
        this.watch = watch;
        this.replicas = replicas;
        thread = new Thread(this::run, "sagaz-freshness");
        thread.setDaemon(true);
        thread.start();
    }

    /** A read is about to be routed. */
    void readArrived() {
        long now = System.nanoTime();
        boolean wasBusy = now - lastReadNanos < BUSY_FOR;
        lastReadNanos = now;
        if (!wasBusy) {
            wake();
        }
    }

    private void run() {
        while (!closed) {
            boolean busy = isBusy();
            watch.refreshIfOlderThan(busy ? BUSY_PAUSE / 2 : IDLE_PAUSE / 2);
            if (!busy) {
                replicas.refreshOne();
            }
            pause(busy);
        }
    }

    private boolean isBusy() {
        return System.nanoTime() - lastReadNanos < BUSY_FOR;
    }

    private void pause(boolean busy) {
        // Jitter of a fifth keeps the instances of a service from asking all at once.
        double jitter = 0.8 + 0.4 * ThreadLocalRandom.current().nextDouble();
        long remaining = (long) ((busy ? BUSY_PAUSE : IDLE_PAUSE) * jitter);
        lock.lock();
        try {
            while (remaining > 0 && !closed && (busy || !isBusy())) {
                remaining = changed.awaitNanos(remaining);
            }
        } catch (InterruptedException e) {
            closed = true;
        } finally {
            lock.unlock();
        }
    }

    private void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        closed = true;
        wake();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
