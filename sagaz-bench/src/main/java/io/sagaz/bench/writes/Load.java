package io.sagaz.bench.writes;

import io.sagaz.bench.measure.Durations;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Callers, each of which makes its next call when the one before has come back. Immutable.
 *
 * @param callers how many threads
 * @param nanos for how long; a call that has begun is waited for
 * @param most how many calls each makes at most
 */
record Load(int callers, long nanos, long most) {
    private static final long AN_HOUR = Duration.ofHours(1).toNanos();

    static Load lasting(int callers, Duration length) {
        return new Load(callers, length.toNanos(), Long.MAX_VALUE);
    }

    static Load counted(int callers, long calls) {
        return new Load(callers, AN_HOUR, calls);
    }

    /** Gives a caller what to do, in its thread, before the time begins. */
    @FunctionalInterface
    interface Callers {
        Call next() throws SQLException;
    }

    /** Has the calls made, and waits for the last of them. */
    Slice run(Callers source) throws SQLException, InterruptedException {
        CountDownLatch ready = new CountDownLatch(callers);
        CountDownLatch go = new CountDownLatch(1);
        ExecutorService threads = Executors.newFixedThreadPool(callers);
        try {
            List<Future<Durations>> running = new ArrayList<>();
            for (int i = 0; i < callers; i++) {
                running.add(threads.submit(() -> {
                    Call call;
                    try {
                        call = source.next();
                    } finally {
                        ready.countDown();
                    }
                    go.await();
                    return repeat(call);
                }));
            }
            ready.await();
            long begin = System.nanoTime();
            go.countDown();
            List<Durations> durations = new ArrayList<>();
            for (Future<Durations> one : running) {
                durations.add(one.get());
            }
            return Slice.of(Durations.of(durations), System.nanoTime() - begin);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SQLException failure) {
                throw failure;
            }
            throw new IllegalStateException("A caller failed", e.getCause());
        } finally {
            threads.shutdownNow();
        }
    }

    private Durations repeat(Call call) throws SQLException {
        Durations durations = new Durations();
        long begin = System.nanoTime();
        long before = begin;
        while (before - begin < nanos && durations.count() < most && call.make()) {
            long after = System.nanoTime();
            durations.add(after - before);
            before = after;
        }
        return durations;
    }
}
