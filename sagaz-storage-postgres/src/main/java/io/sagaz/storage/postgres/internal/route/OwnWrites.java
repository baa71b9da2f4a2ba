package io.sagaz.storage.postgres.internal.route;

import io.sagaz.storage.SagaId;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * When this store last wrote a saga, so that it finds what it has written. What is kept is a time for each of a few thousand
 * groups of sagas: of sagas that share a group the later time holds, which sends a read to a fresher server than it needs, and
 * never to a staler one. Safe for threads.
 */
public final class OwnWrites {
    private static final int GROUPS = 1 << 14;

    private final AtomicLongArray writtenNanos = new AtomicLongArray(GROUPS);
    private final long beginNanos = System.nanoTime();

    /** A saga was written, or may have been. */
    public void wrote(SagaId id) {
        mark(id.hashCode());
    }

    /** A saga was started with this key, or may have been. */
    public void wrote(String name, String idempotencyKey) {
        mark(hash(name, idempotencyKey));
    }

    Floor floor(SagaId id) {
        return floor(id.hashCode());
    }

    Floor floor(String name, String idempotencyKey) {
        return floor(hash(name, idempotencyKey));
    }

    private static int hash(String name, String idempotencyKey) {
        return 31 * name.hashCode() + idempotencyKey.hashCode();
    }

    private void mark(int hash) {
        long now = System.nanoTime() - beginNanos + 1;
        writtenNanos.accumulateAndGet(group(hash), now, Math::max);
    }

    private Floor floor(int hash) {
        long written = writtenNanos.get(group(hash));
        return written == 0 ? Floor.NONE : Floor.since(beginNanos + written - 1);
    }

    private static int group(int hash) {
        return (hash ^ (hash >>> 16)) & (GROUPS - 1);
    }
}
