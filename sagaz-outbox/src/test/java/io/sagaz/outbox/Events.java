package io.sagaz.outbox;

import io.sagaz.storage.CausalToken;
import io.sagaz.storage.EventPayload;
import io.sagaz.storage.StoredEvent;
import io.sagaz.storage.log.OutboxBatch;
import io.sagaz.storage.log.ShardedEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Events as a log gives them, told apart by their numbers. */
final class Events {
    static final CausalToken TOKEN = new CausalToken(7, 1, 100);
    static final int SHARD = 5;

    private Events() {}

    static UUID id(long number) {
        return new UUID(0x0123456789ab7000L, 0x8000000000000000L | number);
    }

    static ShardedEvent event(String key, long number) {
        StoredEvent event = new StoredEvent(
                id(number),
                Instant.EPOCH,
                number,
                Optional.empty(),
                "orders",
                Optional.of(key),
                Optional.empty(),
                new EventPayload.Json("{}"),
                Map.of());
        return new ShardedEvent(event, SHARD, key);
    }

    /** One event of each key, numbered from 1. */
    static OutboxBatch batch(String... keys) {
        List<ShardedEvent> events = new ArrayList<>();
        for (String key : keys) {
            events.add(event(key, events.size() + 1));
        }
        return new OutboxBatch(1, events, TOKEN);
    }
}
