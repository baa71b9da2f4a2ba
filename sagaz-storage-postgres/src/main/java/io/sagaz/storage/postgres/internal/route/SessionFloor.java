package io.sagaz.storage.postgres.internal.route;

/** Behind what the next answer of a session must not be. Safe for threads. */
final class SessionFloor {
    private Floor floor = Floor.NONE;

    synchronized Floor get() {
        return floor;
    }

    /** Something was seen. */
    synchronized void raise(Floor seen) {
        floor = floor.merge(seen);
    }

    /** What was seen before was of a history that is gone. */
    synchronized void startAnew(Floor seen) {
        floor = seen;
    }
}
