package io.sagaz.outbox.rabbitmq;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.Method;
import com.rabbitmq.client.ShutdownSignalException;
import io.sagaz.outbox.BrokerUnavailableException;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * One connection with one channel, and what was sent on it and is not confirmed yet. Lost as a whole, and never mended: another
 * takes its place.
 *
 * <p>{@link #send} is for one thread. Returns, confirms and the end arrive on the thread of the connection that reads; the end may
 * also arrive on the one that sends. A message is put among the unconfirmed before it is sent, and the end empties them, so each
 * hears of one or the other: what is put there after the end fails as it is sent.
 */
final class RabbitLink {
    private static final int CLOSE_MILLIS = 2_000;

    private final String address;
    private final String exchange;
    private final Connection connection;
    private final Channel channel;
    private final @Nullable Socket socket;
    private final ConcurrentNavigableMap<Long, RabbitMessage> unconfirmed = new ConcurrentSkipListMap<>();
    private volatile @Nullable String blocked;

    private RabbitLink(
            String address, String exchange, Connection connection, Channel channel, @Nullable Socket socket) {
        this.address = address;
        this.exchange = exchange;
        this.connection = connection;
        this.channel = channel;
        this.socket = socket;
    }

    /**
     * Opens a channel that confirms, and looks whether the exchange is there.
     *
     * @param socket below the connection, if it is known
     * @throws IOException if that cannot be; the connection is given up then
     */
    static RabbitLink open(String address, String exchange, Connection connection, @Nullable Socket socket)
            throws IOException {
        try {
            Channel channel = connection.createChannel();
            if (channel == null) {
                throw new IOException("the connection has no channel left");
            }
            RabbitLink link = new RabbitLink(address, exchange, connection, channel, socket);
            if (!exchange.isEmpty()) {
                channel.exchangeDeclarePassive(exchange);
            }
            channel.confirmSelect();
            link.listen();
            return link;
        } catch (IOException | RuntimeException e) {
            connection.abort(CLOSE_MILLIS);
            throw e;
        }
    }

    private void listen() {
        channel.addReturnListener(returned -> unconfirmed.values().stream()
                .filter(message -> message.id().equals(returned.getProperties().getMessageId()))
                .forEach(message -> message.returned(returned.getReplyCode() + " " + returned.getReplyText())));
        channel.addConfirmListener(
                (number, multiple) -> settled(number, multiple).forEach(RabbitMessage::confirmed),
                (number, multiple) -> settled(number, multiple)
                        .forEach(message -> message.fail(unavailable(
                                message,
                                "it was refused by a queue (basic.nack), which is full or in trouble",
                                null))));
        connection.addBlockedListener(this::block, () -> blocked = null);
        channel.addShutdownListener(this::ended);
    }

    boolean isOpen() {
        return channel.isOpen();
    }

    /** Why the broker takes nothing from publishers now, if that is so. */
    Optional<String> blocked() {
        return Optional.ofNullable(blocked);
    }

    void send(RabbitMessage message) {
        long number = channel.getNextPublishSeqNo();
        message.sentThrough(this);
        unconfirmed.put(number, message);
        try {
            channel.basicPublish(exchange, message.routingKey(), true, message.properties(), message.body());
        } catch (AlreadyClosedException | IOException e) {
            unconfirmed.remove(number);
            message.fail(unavailable(message, "the connection is lost: " + e.getMessage(), e));
        } catch (RuntimeException e) {
            // Nobody knows whether the channel has counted it: the numbers of later confirms would be in doubt.
            unconfirmed.remove(number);
            message.refuse("the client cannot send it: " + e);
            drop("the client failed: " + e);
        }
    }

    private List<RabbitMessage> settled(long number, boolean multiple) {
        if (!multiple) {
            RabbitMessage message = unconfirmed.remove(number);
            return message == null ? List.of() : List.of(message);
        }
        ConcurrentNavigableMap<Long, RabbitMessage> settled = unconfirmed.headMap(number, true);
        List<RabbitMessage> messages = new ArrayList<>(settled.values());
        settled.clear();
        return messages;
    }

    /** What is under way may arrive when the alarm is over, which nobody can wait for. */
    private void block(String reason) {
        blocked = reason;
        failAll("it has blocked publishers: " + reason, null);
    }

    private void ended(ShutdownSignalException cause) {
        if (replyCode(cause) == AMQP.PRECONDITION_FAILED) {
            // What has this code is a message over the limit. It is not said which; if any is, the largest is.
            unconfirmed.values().stream()
                    .max(Comparator.comparingInt(message -> message.body().length))
                    .ifPresent(message -> message.refuse(cause.getMessage()
                            + ". Lower RabbitEventPublisher.maxMessageBytes to max_message_size of the broker"));
        }
        failAll("the connection is lost: " + cause.getMessage(), cause);
    }

    private static int replyCode(ShutdownSignalException cause) {
        Method reason = cause.getReason();
        return reason instanceof AMQP.Channel.Close close ? close.getReplyCode() : 0;
    }

    private void failAll(String why, @Nullable Exception cause) {
        List<RabbitMessage> messages = new ArrayList<>();
        unconfirmed.keySet().forEach(number -> {
            RabbitMessage message = unconfirmed.remove(number);
            if (message != null) {
                messages.add(message);
            }
        });
        messages.forEach(message -> message.fail(unavailable(message, why, cause)));
    }

    private BrokerUnavailableException unavailable(RabbitMessage message, String why, @Nullable Exception cause) {
        return new BrokerUnavailableException(
                "RabbitMQ at " + address + " did not acknowledge event " + message.name() + ": " + why, cause);
    }

    /** Ends it at once, and fails what is under way. Does not wait for the broker, nor for a thread that is just writing to it. */
    void drop(String why) {
        failAll(why, null);
        if (socket != null) {
            try {
                socket.close();
            } catch (IOException e) {
                // It is closed.
            }
        }
        connection.abort(CLOSE_MILLIS);
    }

    /**
     * Gives up the connection of a channel that is closed. What was under way on that is left to {@link #ended}, which knows why it
     * was closed, and whose fault that is, and may not have run yet.
     */
    void abandon() {
        connection.abort(CLOSE_MILLIS);
    }

    /** Ends it in order, if the broker answers soon. */
    void close() {
        connection.abort(AMQP.REPLY_SUCCESS, "closed", CLOSE_MILLIS);
        failAll("the publisher is closed", null);
    }
}
