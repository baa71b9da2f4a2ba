package io.sagaz.storage;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/**
 * An event for the outbox: it becomes durable with the transaction that emits it, or not at all.
 *
 * <p>Immutable: each method returns a changed copy. Each object is one event with an identifier of its own, copies
 * included: emitting the same object a second time fails instead of sending it twice.
 *
 * <pre>{@code
 * OutboxEvent.to("orders").type("OrderPlaced").key("42").json("{\"total\": 10}")
 * }</pre>
 */
public final class OutboxEvent {
    private final UUID id;
    private final String topic;
    private final Optional<String> key;
    private final Optional<String> type;
    private final EventPayload payload;
    private final Map<String, String> headers;

    private OutboxEvent(
            String topic,
            Optional<String> key,
            Optional<String> type,
            EventPayload payload,
            Map<String, String> headers) {
        this.id = UuidV7.next(System.currentTimeMillis());
        this.topic = topic;
        this.key = key;
        this.type = type;
        this.payload = payload;
        this.headers = headers;
    }

    /**
     * An event for a topic, with a new identifier and {@code {}} as payload.
     *
     * @throws IllegalArgumentException if {@code topic} is blank or longer than 255 characters
     */
    public static OutboxEvent to(String topic) {
        return new OutboxEvent(
                Require.name("OutboxEvent.topic", topic),
                Optional.empty(),
                Optional.empty(),
                new EventPayload.Json("{}"),
                Map.of());
    }

    /**
     * Sets the key: events of one key keep their order. Without one the saga's identifier is the key.
     *
     * @throws IllegalArgumentException if {@code key} is blank or longer than 255 characters
     */
    public OutboxEvent key(String key) {
        return new OutboxEvent(topic, Optional.of(Require.name("OutboxEvent.key", key)), type, payload, headers);
    }

    /**
     * Sets what kind of event this is, for its consumers.
     *
     * @throws IllegalArgumentException if {@code type} is blank or longer than 255 characters
     */
    public OutboxEvent type(String type) {
        return new OutboxEvent(topic, key, Optional.of(Require.name("OutboxEvent.type", type)), payload, headers);
    }

    /** Sets the payload. The store refuses what is not valid JSON before it writes anything, and keeps it as jsonb. */
    public OutboxEvent json(String payload) {
        return new OutboxEvent(topic, key, type, new EventPayload.Json(payload), headers);
    }

    /**
     * Sets a payload that is no JSON, and is kept as it is.
     *
     * @param payload copied
     * @param contentType its media type, for example {@code application/avro}
     * @throws IllegalArgumentException if {@code payload} is null, or {@code contentType} is blank or longer than 255
     *     characters
     */
    public OutboxEvent bytes(byte[] payload, String contentType) {
        return new OutboxEvent(topic, key, type, new EventPayload.Bytes(payload, contentType), headers);
    }

    /** Adds a header; a header of the same name is replaced. */
    public OutboxEvent header(String name, String value) {
        Map<String, String> more = new TreeMap<>(headers);
        more.put(Require.name("OutboxEvent.header name", name), Require.text("OutboxEvent.header " + name, value));
        return new OutboxEvent(topic, key, type, payload, Map.copyOf(more));
    }

    /** The identifier of the event, a UUID of version 7: consumers recognise a repeated delivery by it. */
    public UUID id() {
        return id;
    }

    /** When the event was made, in whole milliseconds. */
    public Instant createdAt() {
        return UuidV7.time(id);
    }

    /** Where the event goes. */
    public String topic() {
        return topic;
    }

    /** The key that was set. */
    public Optional<String> key() {
        return key;
    }

    /** The type that was set. */
    public Optional<String> type() {
        return type;
    }

    /** What the event says. */
    public EventPayload payload() {
        return payload;
    }

    /** The headers. */
    public Map<String, String> headers() {
        return headers;
    }

    /** Identifier, topic, type and key; never the payload. */
    @Override
    public String toString() {
        return "OutboxEvent[" + id + ", topic=" + topic + ", type=" + type.orElse("-") + ", key=" + key.orElse("-")
                + "]";
    }
}
