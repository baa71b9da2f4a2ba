package io.sagaz.storage.postgres.internal.route;

import io.sagaz.storage.RouteReason;
import io.sagaz.storage.postgres.StoreHealth;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one life of a replica, shared by all connections to it. Replay only goes forward within one life, so an older
 * answer is still a true lower bound; a lost race between two answers leaves the lower of two true bounds at worst. Safe for
 * threads.
 */
final class ReplicaServer {
    private final ServerId id;
    private final SampleRing ring;
    private final Breaker breaker = new Breaker();
    private final Placement placement = new Placement();
    private final CatchUp catchUp = new CatchUp();
    /** Held by whoever asks it how far it is while the answer before still holds: one is enough. */
    private final ReentrantLock asking = new ReentrantLock();

    /** How often it did not answer in time; written by whoever holds the lock. */
    private volatile int silences;

    private volatile @Nullable ReplicaState state;

    ReplicaServer(ServerId id, SampleRing ring, ReplicaState state) {
        this.id = id;
        this.ring = ring;
        this.state = state;
    }

    String name() {
        return id.name();
    }

    ReentrantLock asking() {
        return asking;
    }

    int silences() {
        return silences;
    }

    /** It did not answer in time; called with the lock held. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // The lock makes it one at a time.
    void wasSilent() {
        silences++;
    }

    Breaker breaker() {
        return breaker;
    }

    Placement placement() {
        return placement;
    }

    CatchUp catchUp() {
        return catchUp;
    }

    /** How far it was when it last said so; null once it is known to be no replica any more. */
    @Nullable
    ReplicaState state() {
        return state;
    }

    /** It said how far it is; null if it is no standby any more. */
    void answered(@Nullable ReplicaState answer) {
        state = answer;
        breaker.succeeded();
        OptionalLong bound = staleness(answer == null ? System.nanoTime() : answer.readAtNanos());
        placement.observed(bound);
        catchUp.observed(bound, System.nanoTime());
    }

    /** How old its last answer is. */
    long ageOfAnswer(long now) {
        ReplicaState known = state;
        return known == null ? Long.MAX_VALUE : now - known.readAtNanos();
    }

    /** How stale a read can be that is sent to it at {@code now}; empty if nothing is known. */
    OptionalLong staleness(long now) {
        ReplicaState known = state;
        return known == null ? OptionalLong.empty() : ring.staleness(known.position(), known.history(), now);
    }

    /** For people. */
    StoreHealth.Replica health(long now) {
        ReplicaState known = state;
        OptionalLong bound = staleness(now);
        return new StoreHealth.Replica(
                id.name(),
                known != null && !breaker.isOpen(),
                bound.isPresent() ? Optional.of(Duration.ofNanos(bound.getAsLong())) : Optional.empty(),
                known == null ? Optional.empty() : Optional.of(Duration.ofNanos(now - known.readAtNanos())));
    }

    /** Whether it follows another history than the primary, as far as is known. */
    boolean isDiverged() {
        ReplicaState known = state;
        return known != null && ring.isDiverged(known);
    }

    /** Whether it may answer, as far as is known. */
    ReadRouter.Verdict judge(Demand demand, long now) {
        if (isDiverged()) {
            return new ReadRouter.Verdict(false, RouteReason.REPLICA_DIVERGED);
        }
        return ReadRouter.judge(demand, state, staleness(now), now);
    }
}
