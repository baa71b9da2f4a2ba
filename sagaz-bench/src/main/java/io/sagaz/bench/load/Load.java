package io.sagaz.bench.load;

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
import java.util.concurrent.locks.LockSupport;

/**
 * Callers, each of which makes its next call when the one before has come back. Immutable.
 *
 * @param callers how many threads
 * @param nanos for how long; a call that has begun is waited for
 * @param most how many calls each makes at most
 * @param pace nanoseconds from one call of a caller to its next; 0 if there is no pause
 */
public record Load(int callers, long nanos, long most, long pace) {
    private static final long AN_HOUR = Duration.ofHours(1).toNanos();

    /** So many callers for so long. */
    public static Load lasting(int callers, Duration length) {
        return new Load(callers, length.toNanos(), Long.MAX_VALUE, 0);
    }

    /** So many callers with so many calls each. */
    public static Load counted(int callers, long calls) {
        return new Load(callers, AN_HOUR, calls, 0);
    }

    /**
     * The same with a call of each caller due that often. One that comes late because the call before took so long is counted
     * from when it was due; a late wake-up of the thread itself is not.
     */
    public Load every(Duration time) {
        return new Load(callers, nanos, most, time.toNanos());
    }

    /** Gives a caller what to do, in its thread, before the time begins. */
    @FunctionalInterface
    public interface Callers {
        /** What one of them does. */
        Call next() throws SQLException;
    }

    /** Has the calls made, and waits for the last of them. */
    public Slice run(Callers source) throws SQLException, InterruptedException {
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
        long due = begin;
        while (before - begin < nanos && durations.count() < most && call.make()) {
            long after = System.nanoTime();
            durations.add(after - before);
            due += pace;
            before = pace == 0 ? after : await(due, after);
        }
        return durations;
    }

    /** When the next call is to count as begun. */
    private static long await(long due, long now) {
        if (now - due >= 0) {
            return due;
        }
        long time = now;
        while (time - due < 0) {
            LockSupport.parkNanos(due - time);
            time = System.nanoTime();
        }
        return time;
    }
}
