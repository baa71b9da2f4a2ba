package io.sagaz.outbox.contract;

import io.sagaz.storage.EventPayload;
import java.util.Map;

/**
 * An event as a consumer finds it at the broker.
 *
 * @param id the identifier of the event, from where the binding puts it
 * @param key the key that the broker knows, or that the event carries
 * @param payload the bytes that arrived, with the media type from where the binding puts it
 * @param headers all headers, the attributes of CloudEvents among them with the prefix of the binding
 */
public record Arrival(String id, String key, EventPayload.Bytes payload, Map<String, String> headers) {
    /** Copies the headers. */
    public Arrival {
        headers = Map.copyOf(headers);
    }

    /** Identifier, key, length and media type; never the payload. */
    @Override
    public String toString() {
        return "Arrival[" + id + ", key=" + key + ", " + payload + "]";
    }
}
