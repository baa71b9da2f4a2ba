package io.sagaz.storage.postgres.internal.route;

import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Tells from how the bound of a replica went lately when it will be fresh enough. Safe for threads; knows no clock. */
final class CatchUp {
    /** Two answers that are closer to each other say little. */
    private static final long APART = TimeUnit.MILLISECONDS.toNanos(200);

    private record Observation(long stalenessNanos, long atNanos) {}

    // Guarded by this.
    private @Nullable Observation earlier;
    private @Nullable Observation later;

    /** What the bound was at this time. */
    synchronized void observed(OptionalLong stalenessNanos, long now) {
        if (stalenessNanos.isEmpty()) {
            earlier = null;
            later = null;
            return;
        }
        Observation observation = new Observation(stalenessNanos.getAsLong(), now);
        if (later == null || now - later.atNanos() >= APART) {
            earlier = later;
            later = observation;
        }
    }

    /** How long until the bound is this small, if it goes on as it went; empty if it does not shrink. */
    synchronized OptionalLong nanosUntil(long wantedNanos, long now) {
        if (earlier == null || later == null) {
            return OptionalLong.empty();
        }
        double gained = earlier.stalenessNanos() - later.stalenessNanos();
        if (gained <= 0) {
            return OptionalLong.empty();
        }
        double rate = gained / (later.atNanos() - earlier.atNanos());
        double missing = later.stalenessNanos() - (double) wantedNanos;
        return OptionalLong.of(Math.max(0, (long) (missing / rate) - (now - later.atNanos())));
    }
}
