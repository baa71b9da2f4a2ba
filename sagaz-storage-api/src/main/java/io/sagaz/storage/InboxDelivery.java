package io.sagaz.storage;

import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * One delivery of an event to a consumer, as its inbox needs to know it. Immutable: each method returns a changed copy.
 *
 * <pre>{@code
 * InboxDelivery.of(eventId).topic("orders").type("OrderPlaced").headers(message.headers())
 * }</pre>
 */
public final class InboxDelivery {
    /** The header by which a causal token comes with a message: {@link CausalToken#toString()}. */
    public static final String CAUSAL_TOKEN_HEADER = "sagaz-causal-token";

    private final UUID eventId;
    private final Optional<String> topic;
    private final Optional<String> type;
    private final Optional<String> payload;
    private final Optional<CausalToken> token;
    private final boolean evenIfOld;

    private InboxDelivery(
            UUID eventId,
            Optional<String> topic,
            Optional<String> type,
            Optional<String> payload,
            Optional<CausalToken> token,
            boolean evenIfOld) {
        this.eventId = eventId;
        this.topic = topic;
        this.type = type;
        this.payload = payload;
        this.token = token;
        this.evenIfOld = evenIfOld;
    }

    /**
     * A delivery of this event.
     *
     * @param eventId what its producer identifies it by, the same at each delivery; any UUID, not only of the store's events
     * @throws IllegalArgumentException if it is null
     */
    public static InboxDelivery of(UUID eventId) {
        return new InboxDelivery(
                Require.present("InboxDelivery.eventId", eventId),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false);
    }

    /**
     * Sets where the event came from.
     *
     * @throws IllegalArgumentException if {@code topic} is blank or longer than 255 characters
     */
    public InboxDelivery topic(String topic) {
        return new InboxDelivery(
                eventId, Optional.of(Require.name("InboxDelivery.topic", topic)), type, payload, token, evenIfOld);
    }

    /**
     * Sets what kind of event it is; also a tag of the inbox's meters.
     *
     * @throws IllegalArgumentException if {@code type} is blank or longer than 255 characters
     */
    public InboxDelivery type(String type) {
        return new InboxDelivery(
                eventId, topic, Optional.of(Require.name("InboxDelivery.type", type)), payload, token, evenIfOld);
    }

    /**
     * Has the inbox keep what the event said, for people who look into it. Without this it keeps no payload.
     *
     * @param json JSON text; the store refuses what is not, or is too large, before it writes anything
     */
    public InboxDelivery keepPayload(String json) {
        return new InboxDelivery(
                eventId, topic, type, Optional.of(Require.present("InboxDelivery.payload", json)), token, evenIfOld);
    }

    /** Sets the token that came with the event. */
    public InboxDelivery token(CausalToken token) {
        return new InboxDelivery(
                eventId, topic, type, payload, Optional.of(Require.present("InboxDelivery.token", token)), evenIfOld);
    }

    /**
     * Takes the token out of the headers of a message, if {@value #CAUSAL_TOKEN_HEADER} is among them. A header that is no token
     * is passed over: it comes from outside, and without a token {@link #consistency()} asks the primary.
     */
    public InboxDelivery headers(Map<String, String> headers) {
        String text = Require.present("InboxDelivery.headers", headers).get(CAUSAL_TOKEN_HEADER);
        if (text == null) {
            return this;
        }
        CausalToken found;
        try {
            found = CausalToken.parse(text);
        } catch (IllegalArgumentException e) {
            return this;
        }
        return token(found);
    }

    /**
     * Has the event handled even if it was made before what the inbox remembers, so that nobody can tell whether it was handled
     * before: for events that do no harm when they are handled twice. Without this such a delivery is refused.
     */
    public InboxDelivery evenIfOld() {
        return new InboxDelivery(eventId, topic, type, payload, token, true);
    }

    /** The event. */
    public UUID eventId() {
        return eventId;
    }

    /** Where it came from, if that was set. */
    public Optional<String> topic() {
        return topic;
    }

    /** What kind of event it is, if that was set. */
    public Optional<String> type() {
        return type;
    }

    /** The payload that the inbox keeps. */
    public Optional<String> payload() {
        return payload;
    }

    /** The token that came with the event. */
    public Optional<CausalToken> token() {
        return token;
    }

    /** Whether the event is handled even if the inbox cannot know whether it was before. */
    public boolean isEvenIfOld() {
        return evenIfOld;
    }

    /**
     * How a handler reads to see what the author of the event has written: at least the token that came with it; without one
     * from the primary.
     */
    public ReadConsistency consistency() {
        return token.map(ReadConsistency::atLeast).orElseGet(ReadConsistency::strong);
    }

    /** Identifier, topic and type; never the payload. */
    @Override
    public String toString() {
        return "InboxDelivery[" + eventId + ", topic=" + topic.orElse("-") + ", type=" + type.orElse("-") + "]";
    }
}
