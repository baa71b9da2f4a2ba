package io.sagaz.storage;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * An event that a relay has given up. The payload stays where it is.
 *
 * @param relay the relay
 * @param eventId the event
 * @param createdAt the time in its identifier
 * @param number {@link StoredEvent#number} of the event
 * @param topic where it should have gone; empty if the event itself is not there any more, as for the following
 * @param type what kind of event it is
 * @param saga the saga it belongs to
 * @param attempts how often it was tried
 * @param diedAt when it was given up
 * @param error why the last attempt failed
 */
public record DeadLetter(
        String relay,
        UUID eventId,
        Instant createdAt,
        long number,
        Optional<String> topic,
        Optional<String> type,
        Optional<SagaId> saga,
        int attempts,
        Instant diedAt,
        Optional<String> error) {}
