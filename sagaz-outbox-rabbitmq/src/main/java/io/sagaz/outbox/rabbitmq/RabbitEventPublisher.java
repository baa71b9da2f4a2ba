package io.sagaz.outbox.rabbitmq;

import com.rabbitmq.client.Address;
import com.rabbitmq.client.ConnectionFactory;
import io.sagaz.outbox.BrokerUnavailableException;
import io.sagaz.outbox.EventPublisher;
import io.sagaz.outbox.EventRefusedException;
import io.sagaz.outbox.OutgoingEvent;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Publishes events to RabbitMQ, with publisher confirms: the topic of the event is the routing key on one exchange, by default the
 * exchange without a name, where it is the name of a queue. Messages are persistent; {@code message-id} is the identifier of the
 * event and {@code content-type} its media type; headers are the attributes of CloudEvents with {@code cloudEvents_}, the causal
 * token and the event's own.
 *
 * <pre>{@code
 * ConnectionFactory factory = new ConnectionFactory();
 * factory.setUri("amqps://…");
 * RabbitEventPublisher publisher =
 *         RabbitEventPublisher.builder(factory).exchange("events").source("/orders").build();
 * }</pre>
 *
 * <p>A stage completes when the broker has confirmed the message: it is in all queues that it was routed to, and on disk where they
 * are durable; a queue that is not durable loses it with the broker. It fails within the {@linkplain Builder#timeout timeout}
 * otherwise. {@link #publish} never blocks: one thread of the publisher connects and writes.
 *
 * <p>These events are {@linkplain EventRefusedException refused}: those that no queue is bound for (they are sent as mandatory), and
 * those that are {@linkplain Builder#maxMessageBytes too large} or that AMQP cannot carry, such as a topic of more than 255 bytes.
 * {@link BrokerUnavailableException} says everything else: no connection, a lost one with what was under way on it, publishers that
 * are blocked by an alarm, a queue that takes no more ({@code basic.nack}), an exchange that is not there, refused credentials. A
 * lost connection is followed by another one with the next event.
 *
 * <p>Safe for threads. Stages are completed by the thread of the connection that reads: whoever goes on from one must not wait
 * there.
 */
public final class RabbitEventPublisher implements EventPublisher {
    private static final Duration CLOSE = Duration.ofSeconds(3);

    /*
     * Channels are not for several threads, and writing to a broker that stands still blocks. So all of connecting and writing is
     * done by the writer, one event after the other; nobody waits for it. An event whose time is over is not written any more, and
     * its link is dropped, which also frees the writer: a broker that acknowledges nothing for so long may be half gone.
     */
    private final ExecutorService writer = Executors.newSingleThreadExecutor(work -> thread(work, "writer"));
    private final ExecutorService helpers = Executors.newCachedThreadPool(work -> thread(work, "helper"));
    private final ConnectionFactory factory;
    private final List<Address> addresses;
    private final String exchange;
    private final String source;
    private final Duration timeout;
    private final int maxMessageBytes;
    /** Written by the writer alone. */
    private volatile @Nullable RabbitLink link;
    /** Of the connection that is being made. */
    private volatile @Nullable Socket socket;
    /** The writer's own. */
    private @Nullable FailedConnection lastFailure;

    private volatile boolean closed;

    /** When an attempt ended, by {@link System#nanoTime}: who asked before shares its failure. */
    private record FailedConnection(long endedNanos, Exception failure) {}

    private RabbitEventPublisher(Builder builder, String source) {
        this.factory = bounded(builder.factory.clone(), builder.timeout);
        this.addresses = builder.addresses;
        this.exchange = builder.exchange;
        this.source = source;
        this.timeout = builder.timeout;
        this.maxMessageBytes = builder.maxMessageBytes;
    }

    private ConnectionFactory bounded(ConnectionFactory copy, Duration within) {
        int millis = (int) within.toMillis();
        // A recovered connection would not say what has become of the messages on the one before it.
        copy.setAutomaticRecoveryEnabled(false);
        copy.setTopologyRecoveryEnabled(false);
        copy.setConnectionTimeout(lower(copy.getConnectionTimeout(), millis));
        copy.setHandshakeTimeout(lower(copy.getHandshakeTimeout(), millis));
        copy.setChannelRpcTimeout(lower(copy.getChannelRpcTimeout(), millis));
        copy.setSocketConfigurator(copy.getSocketConfigurator().andThen(made -> socket = made));
        return copy;
    }

    /** Zero is without end. */
    private static int lower(int millis, int bound) {
        return millis == 0 ? bound : Math.min(millis, bound);
    }

    /**
     * A publisher to the broker that a factory connects to. The factory is copied; its limits on time are lowered to the timeout of
     * the publisher, and its automatic recovery is not used.
     */
    public static Builder builder(ConnectionFactory factory) {
        return new Builder(factory);
    }

    /** Collects what a publisher needs. For one thread. */
    public static final class Builder {
        private final ConnectionFactory factory;
        private List<Address> addresses;
        private String exchange = "";
        private @Nullable String source;
        private Duration timeout = Duration.ofSeconds(10);
        private int maxMessageBytes = 16 * 1024 * 1024;

        private Builder(ConnectionFactory factory) {
            this.factory = factory;
            this.addresses = List.of(new Address(factory.getHost(), factory.getPort()));
        }

        /** Sets the exchange, which must exist. Default: the one without a name, where a topic is the name of a queue. */
        public Builder exchange(String exchange) {
            this.exchange = exchange;
            return this;
        }

        /**
         * Sets the nodes of a cluster, of which one is connected to. Default: the host and port of the factory.
         *
         * @throws IllegalArgumentException if there are none
         */
        public Builder addresses(List<Address> addresses) {
            if (addresses.isEmpty()) {
                throw new IllegalArgumentException("RabbitEventPublisher.addresses must name a node but is empty");
            }
            this.addresses = List.copyOf(addresses);
            return this;
        }

        /** Sets who publishes, for CloudEvents: a URI reference, for example {@code /orders}. Needed. */
        public Builder source(String source) {
            this.source = source;
            return this;
        }

        /**
         * Sets how long an event may take from {@link #publish} to its confirm, connecting included. Default: 10 seconds. A
         * connection that has not confirmed an event in that time is given up.
         *
         * @throws IllegalArgumentException if it is shorter than 100 milliseconds or longer than 5 minutes
         */
        public Builder timeout(Duration timeout) {
            if (timeout.compareTo(Duration.ofMillis(100)) < 0 || timeout.compareTo(Duration.ofMinutes(5)) > 0) {
                throw new IllegalArgumentException(
                        "RabbitEventPublisher.timeout must be between 100 ms and 5 minutes but is " + timeout);
            }
            this.timeout = timeout;
            return this;
        }

        /**
         * Sets how large a payload may be. Default: 16 MiB, which is what RabbitMQ 4 takes by default; earlier ones take more. A
         * broker that gets more than it takes closes the channel, and with it what else is under way: that is found out here
         * before.
         *
         * @throws IllegalArgumentException if it is not positive
         */
        public Builder maxMessageBytes(int maxMessageBytes) {
            if (maxMessageBytes < 1) {
                throw new IllegalArgumentException(
                        "RabbitEventPublisher.maxMessageBytes must be at least 1 but is " + maxMessageBytes);
            }
            this.maxMessageBytes = maxMessageBytes;
            return this;
        }

        /**
         * Makes the publisher. It connects with the first event, so the broker need not be there yet.
         *
         * @throws IllegalArgumentException if there is no source
         */
        public RabbitEventPublisher build() {
            String publishing = source;
            if (publishing == null || publishing.isBlank()) {
                throw new IllegalArgumentException(
                        "RabbitEventPublisher.source must be a URI reference, such as /orders, but is "
                                + (publishing == null ? "missing" : "blank"));
            }
            return new RabbitEventPublisher(this, publishing);
        }
    }

    @Override
    public CompletionStage<Void> publish(OutgoingEvent event) {
        if (closed) {
            return CompletableFuture.failedFuture(closedFor(event.event().id().toString()));
        }
        RabbitMessage message;
        try {
            message = RabbitMessage.of(event, source, maxMessageBytes);
        } catch (EventRefusedException e) {
            return CompletableFuture.failedFuture(e);
        }
        RabbitLink open = link;
        Optional<String> blocked = open != null && open.isOpen() ? open.blocked() : Optional.empty();
        if (blocked.isPresent()) {
            return CompletableFuture.failedFuture(
                    unavailable(message, "it has blocked publishers: " + blocked.get(), null));
        }
        long askedNanos = System.nanoTime();
        CompletableFuture<Void> stage = within(timeout, message);
        try {
            writer.execute(() -> write(message, askedNanos));
        } catch (RejectedExecutionException e) {
            message.fail(closedFor(message.id()));
        }
        return stage;
    }

    /** The acknowledgement, or that it did not come in time. */
    private CompletableFuture<Void> within(Duration atMost, RabbitMessage message) {
        CompletableFuture<Void> stage = new CompletableFuture<>();
        var unused = message.acknowledgement()
                .orTimeout(atMost.toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((done, failure) -> {
                    if (failure == null) {
                        stage.complete(null);
                    } else if (failure instanceof TimeoutException) {
                        // Not on the one thread that counts the time of everybody in this JVM.
                        helpers.execute(() -> expired(message, stage));
                    } else {
                        stage.completeExceptionally(failure);
                    }
                });
        return stage;
    }

    private void expired(RabbitMessage message, CompletableFuture<Void> stage) {
        stage.completeExceptionally(unavailable(message, "nothing was heard for " + timeout.toMillis() + " ms", null));
        RabbitLink silent = message.link();
        if (silent != null) {
            silent.drop("the connection was given up after " + timeout.toMillis() + " ms without a confirm");
        }
    }

    private void write(RabbitMessage message, long askedNanos) {
        if (message.acknowledgement().isDone()) {
            return;
        }
        try {
            connected(askedNanos).send(message);
        } catch (IOException | TimeoutException | RuntimeException e) {
            message.fail(unavailable(message, "cannot connect: " + reason(e), e));
        }
    }

    private RabbitLink connected(long askedNanos) throws IOException, TimeoutException {
        RabbitLink open = link;
        if (open != null && open.isOpen()) {
            return open;
        }
        if (closed) {
            throw new IOException("the publisher is closed");
        }
        FailedConnection failed = lastFailure;
        if (failed != null && askedNanos - failed.endedNanos() < 0) {
            throw new IOException(reason(failed.failure()), failed.failure());
        }
        if (open != null) {
            // Its channel is closed, which says nothing of its connection.
            open.abandon();
        }
        try {
            RabbitLink made =
                    RabbitLink.open(address(), exchange, factory.newConnection(addresses, "sagaz-outbox"), socket);
            link = made;
            return made;
        } catch (IOException | TimeoutException | RuntimeException e) {
            lastFailure = new FailedConnection(System.nanoTime(), e);
            throw e;
        } finally {
            socket = null;
        }
    }

    /** What the broker said is with a cause, and what is around it may say nothing. */
    private static String reason(Throwable failure) {
        String message = failure.getMessage();
        Throwable cause = failure.getCause();
        return message == null && cause != null ? reason(cause) : String.valueOf(message);
    }

    private String address() {
        return addresses.stream().map(Address::toString).collect(Collectors.joining(","));
    }

    private BrokerUnavailableException unavailable(RabbitMessage message, String why, @Nullable Exception cause) {
        return new BrokerUnavailableException(
                "RabbitMQ at " + address() + " did not acknowledge event " + message.name() + ": " + why, cause);
    }

    private static BrokerUnavailableException closedFor(String id) {
        return new BrokerUnavailableException(
                "RabbitEventPublisher is closed: event " + id + " is not published", null);
    }

    private static Thread thread(Runnable work, String name) {
        Thread thread = new Thread(work, "sagaz-rabbit-publisher-" + name);
        thread.setDaemon(true);
        return thread;
    }

    /** Takes no more events and closes the connection; events under way fail. Waits for the broker for up to three seconds. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        // Behind what is being written, so that nothing is connected after it.
        CompletableFuture<Void> done = CompletableFuture.runAsync(this::closeLink, writer);
        writer.shutdown();
        try {
            done.get(CLOSE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            RabbitLink stuck = link;
            if (stuck != null) {
                stuck.drop("the publisher is closed");
            }
        }
    }

    private void closeLink() {
        RabbitLink open = link;
        if (open != null) {
            open.close();
        }
    }
}
