package io.sagaz.bench.reads;

import io.sagaz.storage.ReplicaTooStaleException;
import io.sagaz.storage.StoreException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** Threads that read again and again, until it is closed, and count what they got. Safe for threads. */
final class Crowd implements AutoCloseable {
    private static final Duration GOODBYE = Duration.ofMinutes(1);

    /** What each does. */
    @FunctionalInterface
    interface Reading {
        /** Reads, and says what came of it. */
        Served read() throws SQLException;
    }

    private final Reading reading;
    private final boolean waiting;
    private final Map<Served, LongAdder> served = new EnumMap<>(Served.class);
    private final ExecutorService threads;
    private final CountDownLatch begun;
    private volatile boolean stopped;

    /**
     * Starts them, and returns when each has had an answer.
     *
     * @param waiting whether one that is turned away waits for as long as it is told
     */
    Crowd(Reading reading, int size, boolean waiting) throws InterruptedException {
        this.reading = reading;
        this.waiting = waiting;
        for (Served one : Served.values()) {
            served.put(one, new LongAdder());
        }
        threads = Executors.newFixedThreadPool(Math.max(1, size));
        begun = new CountDownLatch(size);
        for (int i = 0; i < size; i++) {
            threads.execute(this::run);
        }
        begun.await();
    }

    private void run() {
        note(read());
        begun.countDown();
        while (!stopped) {
            note(read());
        }
    }

    private Served read() {
        try {
            return reading.read();
        } catch (ReplicaTooStaleException e) {
            if (waiting) {
                rest(e.retryAfter());
            }
            return Served.TURNED_AWAY;
        } catch (StoreException | SQLException e) {
            return Served.FAILED;
        }
    }

    private void rest(Duration time) {
        try {
            TimeUnit.NANOSECONDS.sleep(time.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void note(Served what) {
        LongAdder adder = served.get(what);
        if (adder != null) {
            adder.increment();
        }
    }

    /** How many got what, so far. */
    Map<Served, Long> served() {
        Map<Served, Long> counts = new EnumMap<>(Served.class);
        served.forEach((what, count) -> counts.put(what, count.sum()));
        return counts;
    }

    @Override
    public void close() {
        stopped = true;
        threads.shutdown();
        try {
            if (!threads.awaitTermination(GOODBYE.toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException("A reader has not come back after " + GOODBYE);
            }
        } catch (InterruptedException e) {
            threads.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
