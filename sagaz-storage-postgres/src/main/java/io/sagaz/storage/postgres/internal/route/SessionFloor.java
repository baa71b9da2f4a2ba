package io.sagaz.storage.postgres.internal.route;

/** Behind what the next answer of a session must not be. Safe for threads. */
final class SessionFloor {
    private Floor floor = Floor.NONE;
    /** Transactions with a lower number may have been shown by a replica, and not yet by the primary; 0 for none. */
    private long shownBelow;

    synchronized Floor get() {
        return floor;
    }

    /** Something was seen. */
    synchronized void raise(Floor seen) {
        floor = floor.merge(seen);
    }

    /** A replica has shown something, of transactions with lower numbers. */
    synchronized void raise(Floor seen, long below) {
        floor = floor.merge(seen);
        shownBelow = Math.max(shownBelow, below);
    }

    synchronized long shownBelow() {
        return shownBelow;
    }

    /** The primary shows all of those by now. */
    synchronized void shownByPrimary(long below) {
        if (shownBelow <= below) {
            shownBelow = 0;
        }
    }

    /** What was seen before was of a history that is gone. */
    synchronized void startAnew(Floor seen) {
        floor = seen;
        shownBelow = 0;
    }
}
