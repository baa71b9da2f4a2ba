package io.sagaz.migrations.internal.jdbc;

import io.sagaz.migrations.MigrationException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** An end of patience, with pauses that grow and differ from those of other instances. Not thread-safe. */
public final class Deadline {
    private static final long FIRST_PAUSE_MILLIS = 50;
    private static final long LONGEST_PAUSE_MILLIS = 1_000;

    private final long startNanos = System.nanoTime();
    private final Duration patience;
    private long pauseMillis = FIRST_PAUSE_MILLIS;

    private Deadline(Duration patience) {
        this.patience = patience;
    }

    /** Patience that begins now. */
    public static Deadline after(Duration patience) {
        return new Deadline(patience);
    }

    /** How long it has lasted. */
    public Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - startNanos);
    }

    /** Whether it is over. */
    public boolean isOver() {
        return elapsed().compareTo(patience) >= 0;
    }

    /**
     * Blocks for a while, but not past the end.
     *
     * @throws MigrationException when the thread is interrupted, which it then still is
     */
    public void pause() {
        long left = Math.max(1, patience.minus(elapsed()).toMillis());
        long jittered = ThreadLocalRandom.current().nextLong(pauseMillis / 2, pauseMillis + 1);
        pauseMillis = Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS);
        try {
            Thread.sleep(Math.min(jittered, left));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MigrationException("Interrupted while waiting for another instance or for a lock", e);
        }
    }
}
