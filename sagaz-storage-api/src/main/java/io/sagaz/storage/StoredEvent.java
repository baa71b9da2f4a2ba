package io.sagaz.storage;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * An event as it stands in the outbox: an {@link OutboxEvent} that was emitted.
 *
 * @param id its identifier, a UUID of version 7
 * @param createdAt the time in the identifier, by the clock of its author
 * @param number its place among all events: a later one has a higher number, unless both were emitted at once. With gaps
 * @param saga the saga it belongs to
 * @param topic where it goes
 * @param key what it is kept in order by; that of an event of a saga is the saga's identifier unless it was given one
 * @param type what kind of event it is
 * @param payload what it says
 * @param headers its headers
 */
public record StoredEvent(
        UUID id,
        Instant createdAt,
        long number,
        Optional<SagaId> saga,
        String topic,
        Optional<String> key,
        Optional<String> type,
        EventPayload payload,
        Map<String, String> headers) {
    /** Copies the headers. */
    public StoredEvent {
        headers = Map.copyOf(headers);
    }

    /** Identifier, topic, type and key; never the payload. */
    @Override
    public String toString() {
        return "StoredEvent[" + id + ", topic=" + topic + ", type=" + type.orElse("-") + ", key=" + key.orElse("-")
                + "]";
    }
}
