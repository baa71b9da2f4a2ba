package io.sagaz.storage.log;

import java.time.Duration;

/**
 * A key that has parked events.
 *
 * @param shard the shard of the key
 * @param orderingKey the key
 * @param dueIn when its first event is to be tried again; negative if that is overdue
 */
public record ParkedKey(int shard, String orderingKey, Duration dueIn) {}
