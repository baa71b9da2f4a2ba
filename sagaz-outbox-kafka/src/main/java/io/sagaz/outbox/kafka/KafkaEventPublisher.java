package io.sagaz.outbox.kafka;

import io.sagaz.outbox.BrokerUnavailableException;
import io.sagaz.outbox.CloudEventAttributes;
import io.sagaz.outbox.EventPublisher;
import io.sagaz.outbox.OutgoingEvent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Publishes events to Kafka: the topic is that of the event, the key of the record what the event is {@linkplain
 * OutgoingEvent#orderingKey() kept in order by}, its value the payload; headers are {@code content-type}, the attributes of
 * CloudEvents with {@code ce_}, the causal token and the event's own.
 *
 * <pre>{@code
 * KafkaEventPublisher publisher =
 *         KafkaEventPublisher.connect(Map.of("bootstrap.servers", "kafka:9092"), "/orders");
 * }</pre>
 *
 * <p>A stage completes when all replicas in sync have the record. While no broker can be reached it fails with {@link
 * BrokerUnavailableException}, after {@code max.block.ms} if the topic was not seen before, else after {@code
 * delivery.timeout.ms}: 2 and 20 seconds unless the properties say otherwise. {@link #publish} itself waits at most {@code
 * max.block.ms}, and only for room in the producer's buffer or for a topic that the client has forgotten, which it does after
 * five minutes without use; a topic that was not seen before is looked up by a thread of the publisher.
 *
 * <p>These events are {@linkplain io.sagaz.outbox.EventRefusedException refused}: too large ones, those whose topic has no valid
 * name, does not exist while brokers make none by themselves, or may not be written to by this user, and what else a broker has
 * against a record and will not change its mind about. An unknown topic counts as the event's fault because other topics must go
 * on; the event is tried again, so a topic that is made late gets it. Everything else says that the brokers are unavailable:
 * time-outs, elections of leaders, too few replicas, refused credentials.
 *
 * <p>Safe for threads. Stages are completed by the thread of the producer that talks to the brokers: whoever goes on from one
 * must not wait there.
 */
public final class KafkaEventPublisher implements EventPublisher {
    private static final String PREFIX = "ce_";
    private static final String CONTENT_TYPE = "content-type";
    private static final Duration CLOSE = Duration.ofSeconds(5);

    /*
     * A send blocks while the client does not know the topic, so the first one of each topic is preceded by a look-up on another
     * thread, for which all events of that topic wait; a look-up that failed is forgotten, and so is one that a time-out has put
     * in doubt. The producer is replaced when it says that it is beyond recovery; what was sent with the old one fails by itself.
     */
    private final ConcurrentHashMap<String, CompletableFuture<Void>> lookUps = new ConcurrentHashMap<>();
    private final ExecutorService background = Executors.newCachedThreadPool(KafkaEventPublisher::thread);
    private final String source;
    private final @Nullable Supplier<Producer<byte[], byte[]>> maker;
    private volatile Producer<byte[], byte[]> producer;
    private volatile boolean closed;

    private KafkaEventPublisher(
            Producer<byte[], byte[]> producer, @Nullable Supplier<Producer<byte[], byte[]>> maker, String source) {
        this.producer = producer;
        this.maker = maker;
        this.source = source;
    }

    /**
     * Publishes by a producer of its own: {@code acks=all}, idempotent, with the bounds on time that are stated above. It is
     * replaced when the client says that it is beyond recovery, and closed with the publisher. The brokers need not be there yet.
     *
     * @param properties of the producer; {@code bootstrap.servers} at least. What they leave out has Kafka's defaults, but for
     *     {@code acks}, {@code enable.idempotence}, {@code max.block.ms}, {@code request.timeout.ms} (10 seconds), {@code
     *     delivery.timeout.ms} and {@code client.id}
     * @param source who publishes, for CloudEvents: a URI reference, for example {@code /orders}
     * @throws IllegalArgumentException if a property breaks a promise: less than {@code acks=all}, for example. It names each
     *     such property, its value and what to do
     * @throws org.apache.kafka.common.KafkaException if the client does not accept the properties
     */
    public static KafkaEventPublisher connect(Map<String, ?> properties, String source) {
        requireSource(source);
        Map<String, Object> settings = ProducerSettings.of(properties);
        return making(
                () -> new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer()), source);
    }

    /** Publishes by producers of its own, one after the other. */
    static KafkaEventPublisher making(Supplier<Producer<byte[], byte[]>> maker, String source) {
        return new KafkaEventPublisher(maker.get(), maker, source);
    }

    /**
     * Publishes by a producer of the caller's, who sees to it that it keeps the promise ({@code acks=all}, idempotent, bounded
     * {@code max.block.ms} and {@code delivery.timeout.ms}), replaces it when it is beyond recovery, and closes it after the
     * publisher.
     *
     * @param source who publishes, for CloudEvents: a URI reference, for example {@code /orders}
     * @throws IllegalArgumentException if {@code source} is blank
     */
    public static KafkaEventPublisher of(Producer<byte[], byte[]> producer, String source) {
        requireSource(source);
        return new KafkaEventPublisher(producer, null, source);
    }

    private static void requireSource(String source) {
        if (source.isBlank()) {
            throw new IllegalArgumentException(
                    "KafkaEventPublisher.source must be a URI reference, such as /orders, but is blank");
        }
    }

    @Override
    public CompletionStage<Void> publish(OutgoingEvent event) {
        if (closed) {
            return CompletableFuture.failedFuture(closedFor(event));
        }
        CompletableFuture<Void> stage = new CompletableFuture<>();
        CompletableFuture<Void> known = lookUp(event.event().topic());
        if (known.isDone() && !known.isCompletedExceptionally()) {
            send(event, stage);
        } else {
            var unused = known.whenComplete((found, failure) -> {
                if (failure == null) {
                    send(event, stage);
                } else {
                    stage.completeExceptionally(explain(failure, event));
                }
            });
        }
        return stage;
    }

    private CompletableFuture<Void> lookUp(String topic) {
        CompletableFuture<Void> known = lookUps.get(topic);
        if (known != null) {
            return known;
        }
        CompletableFuture<Void> lookUp = new CompletableFuture<>();
        CompletableFuture<Void> earlier = lookUps.putIfAbsent(topic, lookUp);
        if (earlier != null) {
            return earlier;
        }
        try {
            background.execute(() -> lookUp(topic, lookUp));
        } catch (RejectedExecutionException e) {
            fail(topic, lookUp, new IllegalStateException("the publisher is closed", e));
        }
        return lookUp;
    }

    private void lookUp(String topic, CompletableFuture<Void> lookUp) {
        Producer<byte[], byte[]> asked = producer;
        try {
            asked.partitionsFor(topic);
            lookUp.complete(null);
        } catch (RuntimeException e) {
            replaceIfBroken(asked, e);
            fail(topic, lookUp, e);
        }
    }

    /** Forgotten first, so that whoever hears of the failure and tries again begins anew. */
    private void fail(String topic, CompletableFuture<Void> lookUp, RuntimeException failure) {
        lookUps.remove(topic, lookUp);
        lookUp.completeExceptionally(failure);
    }

    private void send(OutgoingEvent event, CompletableFuture<Void> stage) {
        Producer<byte[], byte[]> sender = producer;
        try {
            var unused = sender.send(record(event), (metadata, failure) -> {
                if (failure == null) {
                    stage.complete(null);
                } else {
                    fail(sender, event, stage, failure);
                }
            });
        } catch (RuntimeException e) {
            fail(sender, event, stage, e);
        }
    }

    private void fail(
            Producer<byte[], byte[]> sender, OutgoingEvent event, CompletableFuture<Void> stage, Exception failure) {
        lookUps.remove(event.event().topic());
        replaceIfBroken(sender, failure);
        stage.completeExceptionally(explain(failure, event));
    }

    private RuntimeException explain(Throwable failure, OutgoingEvent event) {
        return closed ? closedFor(event) : KafkaFailures.explain(failure, event);
    }

    private void replaceIfBroken(Producer<byte[], byte[]> broken, Exception failure) {
        if (maker != null && KafkaFailures.verdict(failure) == KafkaFailures.Verdict.PRODUCER_BROKEN) {
            replace(broken, maker);
        }
    }

    private synchronized void replace(
            Producer<byte[], byte[]> broken, Supplier<Producer<byte[], byte[]>> makerOfAnother) {
        if (producer != broken || closed) {
            return;
        }
        producer = makerOfAnother.get();
        lookUps.clear();
        // Not on this thread, which may be the producer's own.
        background.execute(() -> broken.close(Duration.ZERO));
    }

    private ProducerRecord<byte[], byte[]> record(OutgoingEvent event) {
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(
                event.event().topic(), event.orderingKey().getBytes(StandardCharsets.UTF_8), event.payloadBytes());
        Map<String, String> headers = CloudEventAttributes.headers(event, source, PREFIX);
        headers.put(CONTENT_TYPE, event.event().payload().contentType());
        headers.forEach((name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
        return record;
    }

    private static BrokerUnavailableException closedFor(OutgoingEvent event) {
        return new BrokerUnavailableException(
                "KafkaEventPublisher is closed: event " + event.event().id() + " is not published", null);
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "sagaz-kafka-publisher");
        thread.setDaemon(true);
        return thread;
    }

    /** Takes no more events. A producer of its own is closed; it sends what it has for up to five seconds. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        background.shutdown();
        if (maker != null) {
            producer.close(CLOSE);
        }
    }
}
