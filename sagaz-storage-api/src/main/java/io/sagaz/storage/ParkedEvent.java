package io.sagaz.storage;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * An event that a relay is to try again, or that waits behind one of the same key. The payload stays where it is.
 *
 * @param relay the relay
 * @param eventId the event
 * @param createdAt the time in its identifier
 * @param number {@link StoredEvent#number} of the event
 * @param topic where it goes; empty if the event itself is not there any more, as for the following
 * @param type what kind of event it is
 * @param saga the saga it belongs to
 * @param orderingKey what is kept in order: the key of the event, else its saga, else itself
 * @param attempts how often it was tried; 0 if it only waits behind another
 * @param parkedAt since when it is parked
 * @param nextAttemptAt when it is tried again at the earliest
 * @param error why the last attempt failed
 */
public record ParkedEvent(
        String relay,
        UUID eventId,
        Instant createdAt,
        long number,
        Optional<String> topic,
        Optional<String> type,
        Optional<SagaId> saga,
        String orderingKey,
        int attempts,
        Instant parkedAt,
        Instant nextAttemptAt,
        Optional<String> error) {}
