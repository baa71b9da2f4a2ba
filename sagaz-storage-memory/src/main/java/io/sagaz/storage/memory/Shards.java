package io.sagaz.storage.memory;

import io.sagaz.storage.SagaId;
import io.sagaz.storage.StoredEvent;
import io.sagaz.storage.log.OutboxLog;
import io.sagaz.storage.log.ShardedEvent;

/** Which shard an event is in: the one that its key says. */
final class Shards {
    private Shards() {}

    static ShardedEvent sharded(StoredEvent event) {
        return new ShardedEvent(event, of(event), key(event));
    }

    static int of(StoredEvent event) {
        int hash = key(event).hashCode() * 0x9E3779B9; // keys that differ in their last letter alone are spread, too
        return Math.floorMod(hash >>> 16, OutboxLog.SHARDS);
    }

    private static String key(StoredEvent event) {
        return event.key()
                .or(() -> event.saga().map(SagaId::toString))
                .orElseGet(() -> event.id().toString());
    }
}
