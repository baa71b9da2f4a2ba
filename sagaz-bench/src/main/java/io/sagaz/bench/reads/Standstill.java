package io.sagaz.bench.reads;

import io.sagaz.bench.load.Order;
import io.sagaz.storage.OnStale;
import io.sagaz.storage.PageRequest;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.ReplicaTooStaleException;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaReads;
import io.sagaz.storage.StartResult;
import io.sagaz.storage.postgres.RoutingSagaStore;
import java.time.Duration;

/** Writes while the replicas do not follow. */
final class Standstill {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final long LOOK_MILLIS = 20;

    private Standstill() {}

    /**
     * A saga that was acknowledged.
     *
     * @param acknowledged {@link System#nanoTime()} after the answer came
     */
    record Written(SagaId id, long version, long acknowledged) {}

    /** Starts a saga. */
    static Written write(RoutingSagaStore store) {
        StartResult result = store.start(Order.saga());
        if (result instanceof StartResult.Started started) {
            return new Written(started.id(), started.version(), System.nanoTime());
        }
        throw new IllegalStateException("A new saga was not started: " + result);
    }

    /** Writes, and waits until what was written before is older than this bound, and no replica may answer under it any more. */
    static void await(RoutingSagaStore store, Duration staleness) throws InterruptedException {
        SagaReads reads = store.reads(ReadConsistency.atMost(staleness).onStale(OnStale.FAIL));
        long begin = System.nanoTime();
        // A store that has heard little of the primary refuses long before it must.
        while (System.nanoTime() - begin < staleness.toNanos() || isMet(reads)) {
            if (System.nanoTime() - begin > PATIENCE.toNanos()) {
                throw new IllegalStateException(
                        "The replicas are at a standstill, and a bound of " + staleness + " is still met");
            }
            write(store);
            Thread.sleep(LOOK_MILLIS);
        }
    }

    private static boolean isMet(SagaReads reads) {
        try {
            reads.list(SagaFilter.named(Order.NAME), PageRequest.first(1));
            return true;
        } catch (ReplicaTooStaleException e) {
            return false;
        }
    }
}
