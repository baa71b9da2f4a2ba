package io.sagaz.outbox;

import io.sagaz.storage.CausalToken;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.StoredEvent;

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

    /** The event, without its payload. */
    @Override
    public String toString() {
        return "OutgoingEvent[" + event + "]";
    }
}
