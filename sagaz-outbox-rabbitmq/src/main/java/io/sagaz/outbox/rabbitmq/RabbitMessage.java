package io.sagaz.outbox.rabbitmq;

import com.rabbitmq.client.AMQP;
import io.sagaz.outbox.CloudEventAttributes;
import io.sagaz.outbox.EventRefusedException;
import io.sagaz.outbox.OutgoingEvent;
import java.nio.charset.StandardCharsets;
import java.util.Date;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One event on its way: what is sent, and the acknowledgement that is waited for. What the protocol cannot carry is refused here:
 * the client would find out in the middle of a publication, and lose count of the confirms.
 */
final class RabbitMessage {
    private static final String PREFIX = "cloudEvents_";
    /** A short string of AMQP. */
    private static final int NAME_BYTES = 255;
    /** All headers together, with what surrounds each: they travel in one frame, and the smallest usual limit of one is 128 KiB. */
    private static final int HEADER_BYTES = 120_000;

    private static final int PERSISTENT = 2;
    private static final int BYTES_AROUND_A_HEADER = 6;

    private final OutgoingEvent event;
    private final byte[] body;
    private final AMQP.BasicProperties properties;
    private final CompletableFuture<Void> acknowledgement = new CompletableFuture<>();
    /** Written and read by the thread that reads from the broker. */
    private @Nullable String returned;

    private volatile @Nullable RabbitLink link;

    private RabbitMessage(OutgoingEvent event, byte[] body, AMQP.BasicProperties properties) {
        this.event = event;
        this.body = body;
        this.properties = properties;
    }

    /**
     * The message of an event.
     *
     * @throws EventRefusedException if it cannot be one
     */
    static RabbitMessage of(OutgoingEvent event, String source, int maxMessageBytes) {
        byte[] body = event.payloadBytes();
        if (body.length > maxMessageBytes) {
            throw refused(
                    event,
                    "its payload has " + body.length + " bytes, and RabbitEventPublisher.maxMessageBytes is "
                            + maxMessageBytes + ". Raise that and max_message_size of the broker, or emit less");
        }
        String contentType = event.event().payload().contentType();
        requireShort(event, "topic", event.event().topic());
        requireShort(event, "content type", contentType);
        Map<String, Object> headers = new HashMap<>();
        int size = 0;
        for (Map.Entry<String, String> header :
                CloudEventAttributes.headers(event, source, PREFIX).entrySet()) {
            requireShort(event, "name of a header", header.getKey());
            size += bytes(header.getKey()) + bytes(header.getValue()) + BYTES_AROUND_A_HEADER;
            headers.put(header.getKey(), header.getValue());
        }
        if (size > HEADER_BYTES) {
            throw refused(event, "its headers have " + size + " bytes, and may have " + HEADER_BYTES);
        }
        return new RabbitMessage(
                event,
                body,
                new AMQP.BasicProperties.Builder()
                        .messageId(event.event().id().toString())
                        .contentType(contentType)
                        .deliveryMode(PERSISTENT)
                        .timestamp(Date.from(event.event().createdAt()))
                        .headers(headers)
                        .build());
    }

    private static void requireShort(OutgoingEvent event, String what, String text) {
        int length = bytes(text);
        if (length > NAME_BYTES) {
            throw refused(event, "its " + what + " has " + length + " bytes in UTF-8, and may have " + NAME_BYTES);
        }
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    private static EventRefusedException refused(OutgoingEvent event, String why) {
        return new EventRefusedException("RabbitMQ does not take event " + named(event) + ": " + why, null);
    }

    private static String named(OutgoingEvent event) {
        return event.event().id() + " to topic " + event.event().topic();
    }

    /** Which event, for messages. */
    String name() {
        return named(event);
    }

    String id() {
        return event.event().id().toString();
    }

    String routingKey() {
        return event.event().topic();
    }

    byte[] body() {
        return body;
    }

    AMQP.BasicProperties properties() {
        return properties;
    }

    CompletableFuture<Void> acknowledgement() {
        return acknowledgement;
    }

    /** What it was sent through, if it was. */
    @Nullable
    RabbitLink link() {
        return link;
    }

    void sentThrough(RabbitLink sender) {
        link = sender;
    }

    /** No queue wants it; the confirm, which follows, says only that the broker has dealt with it. */
    void returned(String reason) {
        returned = reason;
    }

    void confirmed() {
        String reason = returned;
        if (reason == null) {
            acknowledgement.complete(null);
        } else {
            refuse("no queue is bound for it (" + reason + "). Declare the queue, and bind it if it has an exchange");
        }
    }

    void refuse(String why) {
        acknowledgement.completeExceptionally(refused(event, why));
    }

    void fail(RuntimeException failure) {
        acknowledgement.completeExceptionally(failure);
    }
}
