package io.sagaz.bench.load;

import io.sagaz.bench.measure.WaitLog;
import io.sagaz.bench.measure.Waits;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Calls that are due at fixed times, whoever is late: a call that waits for the one before is counted from when it was due, and
 * none is left out. Runs from its making until it is stopped. Thread-safe.
 */
public final class OpenLoop implements AutoCloseable {
    private static final Duration GOODBYE = Duration.ofMinutes(1);
    private static final double NANOS_OF_A_SECOND = 1e9;

    /** What is done at each time. Safe for threads. */
    @FunctionalInterface
    public interface Work {
        /**
         * Does it.
         *
         * @param number of the call, from 0; none is done twice
         * @param due when it should begin, {@link System#nanoTime()}
         */
        void run(long number, long due) throws SQLException;
    }

    private final Work work;
    private final int callers;
    private final double nanosEach;
    private final long begin = System.nanoTime();
    private final ExecutorService threads;
    private final List<Future<Waits>> running = new ArrayList<>();
    private volatile boolean stopped;

    /**
     * Starts it.
     *
     * @param callers how many calls may be under way at once
     * @param perSecond how many are due in a second
     */
    public OpenLoop(int callers, double perSecond, Work work) {
        this.work = work;
        this.callers = callers;
        nanosEach = NANOS_OF_A_SECOND / perSecond;
        threads = Executors.newFixedThreadPool(callers);
        for (int i = 0; i < callers; i++) {
            int first = i;
            running.add(threads.submit(() -> run(first)));
        }
    }

    private Waits run(int first) throws SQLException {
        WaitLog log = new WaitLog();
        for (long number = first; ; number += callers) {
            long due = begin + Math.round(number * nanosEach);
            if (!await(due)) {
                return log.waits();
            }
            work.run(number, due);
            log.add(due, System.nanoTime());
        }
    }

    /** False if it was stopped before. */
    private boolean await(long due) {
        long left = due - System.nanoTime();
        while (left > 0 && !stopped) {
            LockSupport.parkNanos(left);
            left = due - System.nanoTime();
        }
        return !stopped;
    }

    /** Whether somebody has failed; {@link #stop()} says how. */
    public boolean hasFailed() {
        return !stopped && running.stream().anyMatch(Future::isDone);
    }

    /** Waits for the calls that are under way, and gives how long each has taken from when it was due. */
    public Waits stop() throws InterruptedException {
        stopped = true;
        threads.shutdown();
        try {
            List<Waits> waits = new ArrayList<>();
            for (Future<Waits> one : running) {
                waits.add(one.get());
            }
            return Waits.of(waits);
        } catch (ExecutionException e) {
            throw new IllegalStateException("A caller failed", e.getCause());
        }
    }

    /** Ends it, whatever was noted. */
    @Override
    public void close() {
        stopped = true;
        threads.shutdown();
        try {
            if (!threads.awaitTermination(GOODBYE.toSeconds(), TimeUnit.SECONDS)) {
                threads.shutdownNow();
            }
        } catch (InterruptedException e) {
            threads.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
