package io.sagaz.storage.log;

import java.time.Duration;
import java.util.Optional;

/**
 * An event of a batch that is not published.
 *
 * @param event the event
 * @param attempts how often it was tried; 0 if it only waits behind another of its key
 * @param retryIn when it is tried again; empty if it never is: it becomes a dead letter
 * @param error why it failed
 */
public record Unpublished(ShardedEvent event, int attempts, Optional<Duration> retryIn, Optional<String> error) {}
