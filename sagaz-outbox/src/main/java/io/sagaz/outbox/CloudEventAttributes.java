package io.sagaz.outbox;

import io.sagaz.storage.InboxDelivery;
import io.sagaz.storage.StoredEvent;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What an event says about itself in the words of CloudEvents 1.0, for the headers of a message (binary content mode).
 *
 * @see <a href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md">CloudEvents 1.0.2</a>
 */
public final class CloudEventAttributes {
    /** The header that carries {@link OutgoingEvent#token()}; like all headers of the event itself it has no prefix. */
    public static final String CAUSAL_TOKEN = InboxDelivery.CAUSAL_TOKEN_HEADER;

    private CloudEventAttributes() {}

    /**
     * The attributes of an event, without the prefix that each broker has its own of: {@code specversion}, {@code id}, {@code
     * source}, {@code type}, {@code time}, {@code partitionkey}; {@code subject}, the saga, if there is one. The media type of the
     * payload is not among them: brokers have a place of their own for it.
     *
     * @param source who publishes, a URI reference, for example {@code /orders}
     */
    public static Map<String, String> of(OutgoingEvent outgoing, String source) {
        StoredEvent event = outgoing.event();
        Map<String, String> attributes = new LinkedHashMap<>();
        attributes.put("specversion", "1.0");
        attributes.put("id", event.id().toString());
        attributes.put("source", source);
        // CloudEvents wants a type; what is published to a topic without one has the topic's name.
        attributes.put("type", event.type().orElse(event.topic()));
        attributes.put("time", event.createdAt().toString());
        attributes.put("partitionkey", outgoing.orderingKey());
        event.saga().ifPresent(saga -> attributes.put("subject", saga.toString()));
        return attributes;
    }

    /**
     * All headers of a message: those of the event itself and the causal token without a prefix, the attributes with one. A header
     * of the event that has the name of one of the others gives way to it.
     *
     * @param source who publishes, a URI reference, for example {@code /orders}
     * @param prefix what the binding of the broker puts before an attribute, for example {@code ce_}
     * @return a new map, which may be changed
     */
    public static Map<String, String> headers(OutgoingEvent outgoing, String source, String prefix) {
        Map<String, String> headers = new LinkedHashMap<>(outgoing.event().headers());
        of(outgoing, source).forEach((name, value) -> headers.put(prefix + name, value));
        headers.put(CAUSAL_TOKEN, outgoing.token().toString());
        return headers;
    }
}
