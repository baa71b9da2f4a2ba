package io.sagaz.bench.outbox;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** What is left to be done by others. */
@FunctionalInterface
interface Remainder {
    /** How long nothing may happen. */
    Duration PATIENCE = Duration.ofMinutes(1);

    long LOOK_NANOS = 500_000;

    /** How much. */
    long count() throws SQLException;

    /**
     * Waits until nothing is left.
     *
     * @throws IllegalStateException if it does not become less any more
     */
    default void awaitNone() throws SQLException {
        long least = Long.MAX_VALUE;
        long changed = System.nanoTime();
        for (long left = count(); left > 0; left = count()) {
            if (left < least) {
                least = left;
                changed = System.nanoTime();
            } else if (System.nanoTime() - changed > PATIENCE.toNanos()) {
                throw new IllegalStateException(left + " are left, and since " + PATIENCE + " they do not become less");
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }
}
