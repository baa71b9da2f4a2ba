package io.sagaz.storage.postgres.internal.route;

import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.RouteReason;
import java.util.OptionalLong;

/** Decides whether a replica may answer a read. Pure: knows no server and no clock. */
final class ReadRouter {
    /**
     * What is decided.
     *
     * @param eligible whether the replica may answer
     * @param reason why, or why not
     */
    record Verdict(boolean eligible, RouteReason reason) {}

    private ReadRouter() {}

    /**
     * Judges a replica.
     *
     * @param wanted what the caller asks for
     * @param stalenessNanos an upper bound; empty if nothing is known
     */
    static Verdict judge(ReadConsistency wanted, OptionalLong stalenessNanos) {
        if (wanted instanceof ReadConsistency.AnyStaleness) {
            return new Verdict(true, RouteReason.ANY_ACCEPTED);
        }
        if (wanted instanceof ReadConsistency.AtMost atMost) {
            if (stalenessNanos.isEmpty()) {
                return new Verdict(false, RouteReason.REPLICA_UNKNOWN);
            }
            return stalenessNanos.getAsLong() <= nanos(atMost)
                    ? new Verdict(true, RouteReason.REPLICA_FRESH)
                    : new Verdict(false, RouteReason.REPLICA_STALE);
        }
        return new Verdict(false, RouteReason.STRONG_REQUESTED);
    }

    private static long nanos(ReadConsistency.AtMost atMost) {
        try {
            return atMost.staleness().toNanos();
        } catch (ArithmeticException e) {
            // More than 292 years.
            return Long.MAX_VALUE;
        }
    }
}
