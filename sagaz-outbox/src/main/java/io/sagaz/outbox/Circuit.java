package io.sagaz.outbox;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;

/**
 * Whether a broker is worth trying. While it is not, one event tries it from time to time, each pause twice as long as the one
 * before up to a limit; when that one is taken, all go. Not safe for threads: its user holds a lock.
 */
final class Circuit {
    private static final long FIRST_PAUSE = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long LONGEST_PAUSE = TimeUnit.SECONDS.toNanos(10);

    private final DoubleSupplier chance;
    private boolean open;
    private boolean probing;
    private long pause = FIRST_PAUSE;
    private long until;

    Circuit() {
        this(() -> ThreadLocalRandom.current().nextDouble());
    }

    /**
     * One whose pauses are made of this chance.
     *
     * @param chance from 0 to 1
     */
    Circuit(DoubleSupplier chance) {
        this.chance = chance;
    }

    boolean isOpen() {
        return open;
    }

    /** Whether this caller may try: always while it is closed; one at a time after each pause while it is open. */
    boolean admits(long now) {
        if (!open) {
            return true;
        }
        if (probing || now - until < 0) {
            return false;
        }
        probing = true;
        return true;
    }

    /** How long nobody is admitted, in nanoseconds; while one tries, for as long as that takes. */
    long remaining(long now) {
        return open && !probing ? Math.max(0, until - now) : Long.MAX_VALUE;
    }

    /** The broker has taken something. */
    void succeeded() {
        open = false;
        probing = false;
        pause = FIRST_PAUSE;
    }

    /** The broker could not be reached. Those that were under way together count once. Returns whether it has opened just now. */
    boolean failed(long now) {
        boolean opened = !open;
        if (opened || probing) {
            double spread = 0.8 + 0.4 * chance.getAsDouble();
            until = now + (long) (pause * spread);
            pause = Math.min(2 * pause, LONGEST_PAUSE);
        }
        open = true;
        probing = false;
        return opened;
    }
}
