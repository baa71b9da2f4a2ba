package io.sagaz.storage.postgres.internal.route;

import java.util.concurrent.TimeUnit;

/**
 * How many may be inside at once: one at first, all of them two seconds later, and one again after ten seconds without anybody. Not
 * safe for threads; knows no clock.
 */
final class Opening {
    /** From the first place to all of them. */
    private static final long OPENS_WITHIN = TimeUnit.SECONDS.toNanos(2);
    /** After so long with nobody inside it opens anew. */
    private static final long CLOSES_AFTER = TimeUnit.SECONDS.toNanos(10);

    private final int width;
    private int inside;
    private long openedAtNanos;
    private long leftAtNanos;

    /**
     * Nobody is inside.
     *
     * @param width how many may be inside when it is wide open
     */
    Opening(int width, long now) {
        this.width = width;
        leftAtNanos = now - CLOSES_AFTER;
    }

    int inside() {
        return inside;
    }

    /** Takes a place; false if there is none. */
    boolean enter(long now) {
        if (inside == 0 && now - leftAtNanos >= CLOSES_AFTER) {
            openedAtNanos = now;
        }
        if (inside >= room(now - openedAtNanos)) {
            return false;
        }
        inside++;
        return true;
    }

    /** Gives a place back. */
    void leave(long now) {
        inside--;
        leftAtNanos = now;
    }

    /** How long it takes to open by one place. */
    long nanosForAPlace() {
        return OPENS_WITHIN / width;
    }

    private int room(long nanosSinceOpened) {
        return (int) Math.min(width, 1 + nanosSinceOpened / nanosForAPlace());
    }
}
