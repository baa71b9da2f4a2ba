package io.sagaz.storage.postgres;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How a store is, for readiness probes and for people. {@link #canWrite()} is what a service that writes sagas is to report as
 * readiness; one that only reads reports {@link #canRead()}. Neither is a reason to restart a service: the store recovers by itself.
 *
 * @param primary the primary as it called itself last
 * @param canWrite whether the primary has answered within the last seconds
 * @param replicas the replicas that were met, by name; empty if there are none, or none was reached yet
 * @param pools the pools: that for writes first, then those for reads
 * @param primaryReads reads that are at the primary now because no replica could answer them
 * @param mostPrimaryReads how many of them there may be at once
 */
public record StoreHealth(
        String primary,
        boolean canWrite,
        List<Replica> replicas,
        List<PoolUse> pools,
        int primaryReads,
        int mostPrimaryReads) {
    /** Copies the lists. */
    public StoreHealth {
        replicas = List.copyOf(replicas);
        pools = List.copyOf(pools);
    }

    /** Whether some server can answer reads, if only stale ones. */
    public boolean canRead() {
        return canWrite || replicas.stream().anyMatch(Replica::answers);
    }

    /**
     * A replica.
     *
     * @param name address and port as the server sees them
     * @param answers whether it answered when it was asked last
     * @param staleness upper bound for a read that is sent now; empty if nothing is known, which is to be read as unbounded
     * @param lastAnswer how long ago it said how far it is; empty if it is no replica any more
     */
    public record Replica(String name, boolean answers, Optional<Duration> staleness, Optional<Duration> lastAnswer) {}

    /**
     * A pool of connections.
     *
     * @param name as in the logs and the meters
     * @param open connections that are open
     * @param inUse connections that are in use
     * @param waiting callers that wait for one
     * @param most how many may be open
     */
    public record PoolUse(String name, int open, int inUse, int waiting, int most) {}
}
