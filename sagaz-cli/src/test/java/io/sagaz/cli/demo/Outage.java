package io.sagaz.cli.demo;

import io.sagaz.storage.ReadSource;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/** For how long a fault stops writes and reads: looks at the counters of the demo every few milliseconds. */
final class Outage implements AutoCloseable {
    private static final long LOOK_NANOS = Duration.ofMillis(5).toNanos();
    /** A pause that is longer is one that a fault makes. */
    private static final long GAP_NANOS = Duration.ofMillis(700).toNanos();

    private final List<Series> all;
    private final Thread looking = new Thread(this::look, "outage");
    private volatile boolean closed;

    Outage(Ledger ledger, Meter meter) {
        this.all = List.of(
                new Series("writes", () -> ledger.totals().transactions()),
                new Series("reads", () -> meter.reads(ReadSource.REPLICA) + meter.reads(ReadSource.PRIMARY)),
                new Series("reads from replicas", () -> meter.reads(ReadSource.REPLICA)));
        looking.setDaemon(true);
        looking.start();
    }

    /** What has been counted, when it last moved, and since when it has moved without a long pause. */
    private static final class Series {
        private final String name;
        private final LongSupplier counter;
        private long count;
        private long moved = System.nanoTime();
        private long movingSince = moved;
        private long longest;

        Series(String name, LongSupplier counter) {
            this.name = name;
            this.counter = counter;
        }

        synchronized void look() {
            long now = System.nanoTime();
            longest = Math.max(longest, now - moved);
            long counted = counter.getAsLong();
            if (counted != count) {
                if (now - moved > GAP_NANOS) {
                    movingSince = now;
                }
                count = counted;
                moved = now;
            }
        }

        synchronized boolean hasMovedFor(Duration time) {
            long now = System.nanoTime();
            return now - moved < GAP_NANOS && now - movingSince > time.toNanos();
        }

        synchronized void begin() {
            longest = 0;
            movingSince = System.nanoTime();
        }

        synchronized Duration longest() {
            return Duration.ofNanos(longest);
        }

        synchronized String said() {
            return String.format(Locale.ROOT, "%s %.1f s", name, longest / 1e9);
        }
    }

    /** Whether everything has moved for so long, without a long pause. */
    boolean isBusy(Duration time) {
        return all.stream().allMatch(series -> series.hasMovedFor(time));
    }

    /** For how long no write was acknowledged at most, since it measures. */
    Duration writes() {
        return all.get(0).longest();
    }

    /** Measures from now on. */
    void begin() {
        all.forEach(Series::begin);
    }

    private void look() {
        while (!closed) {
            all.forEach(Series::look);
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    @Override
    public void close() {
        closed = true;
    }

    @Override
    public String toString() {
        return "longest pause: "
                + String.join(", ", all.stream().map(Series::said).toList());
    }
}
