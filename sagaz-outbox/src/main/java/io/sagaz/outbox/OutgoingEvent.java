package io.sagaz.outbox;

import io.sagaz.storage.CausalToken;
import io.sagaz.storage.EventPayload;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.StoredEvent;
import java.nio.charset.StandardCharsets;

/**
 * An event on its way to a broker.
 *
 * @param event the event
 * @param token whoever reads {@linkplain io.sagaz.storage.ReadConsistency#atLeast at least} this sees what the transaction
 *     that emitted the event has written
 */
public record OutgoingEvent(StoredEvent event, CausalToken token) {
    /** What the event is kept in order by: its key, else its saga, else itself. */
    public String orderingKey() {
        return event.key()
                .or(() -> event.saga().map(SagaId::toString))
                .orElseGet(() -> event.id().toString());
    }

    /** The payload as a message carries it: JSON in UTF-8, or the bytes as they are. A copy. */
    public byte[] payloadBytes() {
        return event.payload() instanceof EventPayload.Bytes bytes
                ? bytes.toByteArray()
                : ((EventPayload.Json) event.payload()).text().getBytes(StandardCharsets.UTF_8);
    }

    /** The event, without its payload. */
    @Override
    public String toString() {
        return "OutgoingEvent[" + event + "]";
    }
}
