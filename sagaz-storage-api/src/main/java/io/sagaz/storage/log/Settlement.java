package io.sagaz.storage.log;

import java.time.Duration;
import java.util.UUID;

/** What came of a parked event. */
public sealed interface Settlement {
    /** The event. */
    UUID id();

    /** It is published. */
    record Published(UUID id) implements Settlement {}

    /**
     * It was tried in vain and is tried again.
     *
     * @param attempts how often it was tried, all in all
     * @param retryIn when it is tried again
     * @param error why it failed
     */
    record Failed(UUID id, int attempts, Duration retryIn, String error) implements Settlement {}

    /**
     * It becomes a dead letter.
     *
     * @param attempts how often it was tried, all in all
     * @param error why it failed
     */
    record Dead(UUID id, int attempts, String error) implements Settlement {}
}
