package io.sagaz.storage.postgres.internal.route;

import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * Whether a replica is a good place for reads. One that fell behind rests until it has been well within the bound for a few
 * answers, so that reads do not go to and fro between replicas at the edge. A preference only: whether it may answer is decided
 * for each read. Safe for threads; knows no clock.
 */
final class Placement {
    private static final long TOO_FAR_BEHIND = TimeUnit.SECONDS.toNanos(5);
    private static final int GOOD_ANSWERS = 3;

    private volatile boolean resting;
    // Guarded by this.
    private int good;

    /** The server said how far it is, and this is the bound that follows. */
    synchronized void observed(OptionalLong stalenessNanos) {
        if (stalenessNanos.isEmpty() || stalenessNanos.getAsLong() > TOO_FAR_BEHIND) {
            resting = true;
            good = 0;
        } else if (stalenessNanos.getAsLong() < TOO_FAR_BEHIND / 2 && ++good == GOOD_ANSWERS) {
            resting = false;
        }
    }

    /** Whether reads had better go elsewhere, if they can. */
    boolean isResting() {
        return resting;
    }
}
