package io.sagaz.storage.postgres.internal.route;

import io.sagaz.storage.CausalToken;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.RouteReason;
import java.time.Duration;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

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
     * @param demand what the read needs
     * @param replica how far it is; null if nothing is known
     * @param stalenessNanos an upper bound for a read that is sent at {@code now}; empty if nothing is known
     */
    static Verdict judge(Demand demand, @Nullable ReplicaState replica, OptionalLong stalenessNanos, long now) {
        Verdict verdict = judge(demand.wanted(), replica, stalenessNanos);
        Floor floor = demand.floor();
        if (verdict.eligible() && floor.position() != null) {
            Verdict seen = judge(floor.position(), replica);
            verdict = seen.eligible() ? verdict : seen;
        }
        if (verdict.eligible() && floor.sinceNanos() != null) {
            boolean shown = stalenessNanos.isPresent() && stalenessNanos.getAsLong() <= now - floor.sinceNanos();
            verdict = shown ? verdict : new Verdict(false, RouteReason.WRITE_AWAITED);
        }
        return verdict;
    }

    /**
     * Judges a replica by the caller's freshness alone.
     *
     * @param wanted what the caller asks for
     * @param replica how far it is; null if nothing is known
     * @param stalenessNanos an upper bound; empty if nothing is known
     */
    static Verdict judge(ReadConsistency wanted, @Nullable ReplicaState replica, OptionalLong stalenessNanos) {
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
        if (wanted instanceof ReadConsistency.AtLeast atLeast) {
            return judge(atLeast.token(), replica);
        }
        return new Verdict(false, RouteReason.STRONG_REQUESTED);
    }

    /** Positions of another history than the token's prove nothing: where the two part is not known. */
    private static Verdict judge(CausalToken token, @Nullable ReplicaState replica) {
        if (replica == null || !replica.history().has(token)) {
            return new Verdict(false, RouteReason.REPLICA_UNKNOWN);
        }
        return Long.compareUnsigned(replica.position(), token.position()) >= 0
                ? new Verdict(true, RouteReason.TOKEN_REACHED)
                : new Verdict(false, RouteReason.TOKEN_AWAITED);
    }

    /** How stale an answer may be, in nanoseconds. */
    static long nanos(ReadConsistency.AtMost atMost) {
        return nanos(atMost.staleness());
    }

    /** A duration in nanoseconds, or as many as there can be. */
    static long nanos(Duration duration) {
        try {
            return duration.toNanos();
        } catch (ArithmeticException e) {
            // More than 292 years.
            return Long.MAX_VALUE;
        }
    }
}
