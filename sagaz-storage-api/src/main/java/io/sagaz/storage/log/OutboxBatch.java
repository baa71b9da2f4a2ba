package io.sagaz.storage.log;

import io.sagaz.storage.CausalToken;
import java.util.List;

/**
 * Events that follow each other in some shards, to be published in this order as far as they have the same key.
 *
 * @param number the place of the batch among those of the member since it last {@linkplain RelayMember#keep took} its shards
 * @param events the events, at least one
 * @param token whoever reads at least this sees what the transactions of these events have written
 */
public record OutboxBatch(long number, List<ShardedEvent> events, CausalToken token) {
    /** Copies the list. */
    public OutboxBatch {
        events = List.copyOf(events);
    }
}
