package io.sagaz.storage.log;

import io.sagaz.storage.StoredEvent;

/**
 * An event with its place in the log.
 *
 * @param event the event
 * @param shard 0 to 63
 * @param orderingKey what it is kept in order by
 */
public record ShardedEvent(StoredEvent event, int shard, String orderingKey) {}
