package io.sagaz.storage.log;

import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/**
 * A parked event.
 *
 * @param id the event
 * @param shard its shard
 * @param orderingKey its key
 * @param event the event itself; empty if it is not in the log any more
 * @param attempts how often it was tried
 * @param dueIn when it is to be tried again; negative if that is overdue
 */
public record ParkedAttempt(
        UUID id, int shard, String orderingKey, Optional<ShardedEvent> event, int attempts, Duration dueIn) {}
