package io.sagaz.outbox.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.XAddArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import io.sagaz.outbox.BrokerUnavailableException;
import io.sagaz.outbox.CloudEventAttributes;
import io.sagaz.outbox.EventPublisher;
import io.sagaz.outbox.OutgoingEvent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Publishes events to Redis streams: the topic of the event names the stream, to which one entry is added ({@code XADD}). Its
 * fields are {@code payload}, {@code content-type}, the attributes of CloudEvents with {@code ce_}, the causal token and the event's
 * own headers.
 *
 * <pre>{@code
 * RedisStreamPublisher publisher = RedisStreamPublisher.builder(RedisURI.create("rediss://redis:6379"))
 *         .source("/orders")
 *         .trimToAbout(1_000_000)
 *         .build();
 * }</pre>
 *
 * <p>A stage completes when the server has answered, which says as much as its settings make of it: with {@code appendfsync
 * always} the entry is on disk; with less a crash of the machine can lose the last second, without an append-only file everything
 * since the last snapshot, and replication is asynchronous. It fails within the {@linkplain Builder#timeout timeout} otherwise.
 * {@link #publish} does not block: connecting and writing are done by threads of the client, all on one connection.
 *
 * <p>An error that is about this event or its stream says that the event is {@linkplain io.sagaz.outbox.EventRefusedException
 * refused}: the key is no stream ({@code WRONGTYPE}), the user may not write to it ({@code NOPERM}), and all that is not known to be
 * about the server. {@link BrokerUnavailableException} says everything else: no connection, no answer, a server that is full
 * ({@code OOM}), a replica ({@code READONLY}), one that loads its data ({@code LOADING}), cannot save it ({@code MISCONF}) or has too
 * few replicas ({@code NOREPLICAS}), refused credentials. A lost connection is followed by another one with the next event, and so is
 * one that leads to a replica.
 *
 * <p>One server, or a Sentinel's; a cluster is not supported. Safe for threads. Stages are completed by threads of the client:
 * whoever goes on from one must not wait there.
 */
public final class RedisStreamPublisher implements EventPublisher {
    private static final String PREFIX = "ce_";
    private static final String CONTENT_TYPE = "content-type";
    private static final String PAYLOAD = "payload";
    private static final Duration CLOSE = Duration.ofSeconds(2);
    private static final RedisCodec<String, byte[]> CODEC = RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE);

    private final RedisURI uri;
    private final String address;
    private final String source;
    private final Duration timeout;
    private final long trimToAbout;
    private final RedisClient client;
    private final Object lock = new Object();

    // Guarded by the lock.
    private @Nullable CompletableFuture<StatefulRedisConnection<String, byte[]>> connection;
    private boolean closed;

    private RedisStreamPublisher(Builder builder, String source) {
        this.uri = RedisURI.builder(builder.uri).withTimeout(builder.timeout).build();
        this.address = uri.getHost() == null ? "its sentinels" : uri.getHost() + ":" + uri.getPort();
        this.source = source;
        this.timeout = builder.timeout;
        this.trimToAbout = builder.trimToAbout;
        this.client = RedisClient.create();
        // The client would send again what was under way when a connection was lost, after its time is over too.
        client.setOptions(ClientOptions.builder()
                .autoReconnect(false)
                .socketOptions(
                        SocketOptions.builder().connectTimeout(builder.timeout).build())
                .build());
        client.addListener(new CloseWhenLost());
    }

    /** What is under way on a connection fails when that is closed, which the client leaves to us. */
    private static final class CloseWhenLost implements RedisConnectionStateListener {
        @Override
        public void onRedisDisconnected(RedisChannelHandler<?, ?> lost) {
            var unused = lost.closeAsync();
        }
    }

    /** A publisher to the server at an address, which is copied. */
    public static Builder builder(RedisURI uri) {
        return new Builder(uri);
    }

    /** Collects what a publisher needs. For one thread. */
    public static final class Builder {
        private final RedisURI uri;
        private @Nullable String source;
        private Duration timeout = Duration.ofSeconds(10);
        private long trimToAbout;

        private Builder(RedisURI uri) {
            this.uri = uri;
        }

        /** Sets who publishes, for CloudEvents: a URI reference, for example {@code /orders}. Needed. */
        public Builder source(String source) {
            this.source = source;
            return this;
        }

        /**
         * Sets how long an event may take from {@link #publish} to the answer, connecting included. It replaces the timeout of the
         * address. Default: 10 seconds. A connection that has not answered in that time is given up.
         *
         * @throws IllegalArgumentException if it is shorter than 100 milliseconds or longer than 5 minutes
         */
        public Builder timeout(Duration timeout) {
            if (timeout.compareTo(Duration.ofMillis(100)) < 0 || timeout.compareTo(Duration.ofMinutes(5)) > 0) {
                throw new IllegalArgumentException(
                        "RedisStreamPublisher.timeout must be between 100 ms and 5 minutes but is " + timeout);
            }
            this.timeout = timeout;
            return this;
        }

        /**
         * Lets each event cut its stream to about so many entries ({@code MAXLEN ~}): the oldest go, whether or not anybody has read
         * them. Default: nothing is cut.
         *
         * @throws IllegalArgumentException if it is not positive
         */
        public Builder trimToAbout(long entries) {
            if (entries < 1) {
                throw new IllegalArgumentException(
                        "RedisStreamPublisher.trimToAbout must be at least 1 but is " + entries);
            }
            this.trimToAbout = entries;
            return this;
        }

        /**
         * Makes the publisher. It connects with the first event, so the server need not be there yet.
         *
         * @throws IllegalArgumentException if there is no source
         */
        public RedisStreamPublisher build() {
            String publishing = source;
            if (publishing == null || publishing.isBlank()) {
                throw new IllegalArgumentException(
                        "RedisStreamPublisher.source must be a URI reference, such as /orders, but is "
                                + (publishing == null ? "missing" : "blank"));
            }
            return new RedisStreamPublisher(this, publishing);
        }
    }

    @Override
    public CompletionStage<Void> publish(OutgoingEvent event) {
        CompletableFuture<StatefulRedisConnection<String, byte[]>> connected;
        synchronized (lock) {
            if (closed) {
                return CompletableFuture.failedFuture(closedFor(event));
            }
            connected = connected();
        }
        CompletableFuture<Void> stage = new CompletableFuture<>();
        var unused = connected
                .thenCompose(open -> open.async().xadd(event.event().topic(), trimming(), fields(event)))
                .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((entry, failure) -> {
                    if (failure == null) {
                        stage.complete(null);
                    } else {
                        fail(event, connected, stage, RedisFailures.unwrapped(failure));
                    }
                });
        return stage;
    }

    private void fail(
            OutgoingEvent event,
            CompletableFuture<StatefulRedisConnection<String, byte[]>> connected,
            CompletableFuture<Void> stage,
            Throwable failure) {
        if (failure instanceof TimeoutException) {
            // Not on the one thread that counts the time of everybody in this JVM.
            ForkJoinPool.commonPool().execute(() -> {
                giveUp(connected);
                stage.completeExceptionally(new BrokerUnavailableException(
                        "Redis at " + address + " did not acknowledge event "
                                + event.event().id() + " to stream "
                                + event.event().topic() + " within "
                                + timeout.toMillis() + " ms",
                        failure));
            });
        } else {
            if (RedisFailures.endsTheConnection(failure)) {
                giveUp(connected);
            }
            stage.completeExceptionally(isClosed() ? closedFor(event) : RedisFailures.explain(failure, address, event));
        }
    }

    private boolean isClosed() {
        synchronized (lock) {
            return closed;
        }
    }

    /** The connection, which may still be in the making. Called with the lock. */
    private CompletableFuture<StatefulRedisConnection<String, byte[]>> connected() {
        CompletableFuture<StatefulRedisConnection<String, byte[]>> current = connection;
        if (current != null && isUsable(current)) {
            return current;
        }
        CompletableFuture<StatefulRedisConnection<String, byte[]>> next =
                client.connectAsync(CODEC, uri).toCompletableFuture();
        connection = next;
        return next;
    }

    private static boolean isUsable(CompletableFuture<StatefulRedisConnection<String, byte[]>> made) {
        return !made.isDone()
                || (!made.isCompletedExceptionally() && made.join().isOpen());
    }

    private void giveUp(CompletableFuture<StatefulRedisConnection<String, byte[]>> silent) {
        synchronized (lock) {
            if (connection == silent) {
                connection = null;
            }
        }
        var unused = silent.thenCompose(StatefulRedisConnection::closeAsync);
    }

    private XAddArgs trimming() {
        return trimToAbout == 0
                ? new XAddArgs()
                : XAddArgs.Builder.maxlen(trimToAbout).approximateTrimming();
    }

    private Map<String, byte[]> fields(OutgoingEvent event) {
        Map<String, byte[]> fields = new HashMap<>();
        CloudEventAttributes.headers(event, source, PREFIX)
                .forEach((name, value) -> fields.put(name, value.getBytes(StandardCharsets.UTF_8)));
        fields.put(CONTENT_TYPE, event.event().payload().contentType().getBytes(StandardCharsets.UTF_8));
        fields.put(PAYLOAD, event.payloadBytes());
        return fields;
    }

    private static BrokerUnavailableException closedFor(OutgoingEvent event) {
        return new BrokerUnavailableException(
                "RedisStreamPublisher is closed: event " + event.event().id() + " is not published", null);
    }

    /** Takes no more events and closes the connection; events under way fail. Takes two seconds at most. */
    @Override
    public void close() {
        synchronized (lock) {
            if (closed) {
                return;
            }
            closed = true;
        }
        client.shutdown(Duration.ZERO, CLOSE);
    }
}
