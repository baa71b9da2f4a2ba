package io.sagaz.outbox.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.outbox.EventPublisher;
import io.sagaz.outbox.EventRefusedException;
import io.sagaz.outbox.OutgoingEvent;
import io.sagaz.outbox.contract.Arrival;
import io.sagaz.outbox.contract.BrokerSwitch;
import io.sagaz.outbox.contract.EventPublisherContract;
import io.sagaz.storage.EventPayload;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.testkit.Await;
import io.sagaz.testkit.Broker;
import io.sagaz.testkit.BrokerMissingException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class KafkaEventPublisherIT extends EventPublisherContract {
    private static final AtomicInteger TOPICS = new AtomicInteger();
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static Broker broker;
    private static Admin admin;

    @BeforeAll
    static void start() {
        broker = startOrSkip();
        admin = Admin.create(Map.of("bootstrap.servers", broker.address()));
    }

    private static Broker startOrSkip() {
        try {
            return Broker.kafka();
        } catch (BrokerMissingException e) {
            return Assumptions.abort(String.valueOf(e.getMessage()));
        }
    }

    @AfterAll
    static void stop() {
        if (admin != null) {
            admin.close(Duration.ZERO);
        }
        if (broker != null) {
            broker.close();
        }
    }

    @Override
    protected EventPublisher newPublisher() {
        return KafkaEventPublisher.connect(
                Map.of(
                        "bootstrap.servers",
                        broker.address(),
                        "max.block.ms",
                        2_000,
                        "request.timeout.ms",
                        2_000,
                        "delivery.timeout.ms",
                        4_000),
                source());
    }

    @Override
    protected String newTopic() {
        return newTopic(Map.of());
    }

    private static String newTopic(Map<String, String> settings) {
        String topic = "topic-" + TOPICS.incrementAndGet();
        create(new NewTopic(topic, 4, (short) 1).configs(settings));
        return topic;
    }

    /** Returns when producers can be told who leads each partition: what creates a topic answers before that. */
    private static void create(NewTopic topic) {
        await(admin.createTopics(List.of(topic)).all());
        Await.until("topic " + topic.name() + " is led", PATIENCE, () -> isLed(topic.name()));
    }

    private static boolean isLed(String topic) {
        try {
            return admin.describeTopics(List.of(topic)).allTopicNames().get().values().stream()
                    .flatMap(description -> description.partitions().stream())
                    .allMatch(partition ->
                            partition.leader() != null && !partition.leader().isEmpty());
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RetriableException) {
                return false;
            }
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    protected List<Arrival> read(String topic, int atLeast) {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", broker.address()),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(each -> new TopicPartition(topic, each.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            List<Arrival> arrivals = new ArrayList<>();
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while ((arrivals.size() < atLeast || hasMore(consumer, partitions)) && System.nanoTime() - deadline < 0) {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> arrivals.add(arrival(record)));
            }
            return arrivals;
        }
    }

    private static boolean hasMore(KafkaConsumer<byte[], byte[]> consumer, List<TopicPartition> partitions) {
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        return ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue());
    }

    private static Arrival arrival(ConsumerRecord<byte[], byte[]> record) {
        Map<String, String> headers = new HashMap<>();
        for (Header header : record.headers()) {
            assertThat(headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8)))
                    .as("a second header %s", header.key())
                    .isNull();
        }
        return new Arrival(
                String.valueOf(headers.get("ce_id")),
                new String(record.key(), StandardCharsets.UTF_8),
                new EventPayload.Bytes(record.value(), String.valueOf(headers.get("content-type"))),
                headers);
    }

    @Override
    protected String attributePrefix() {
        return "ce_";
    }

    @Override
    protected Optional<BrokerSwitch> crash() {
        return Optional.of(new BrokerSwitch() {
            @Override
            public void takeDown() {
                broker.crash();
            }

            @Override
            public void bringBack() {
                broker.start();
            }
        });
    }

    @Override
    protected Optional<BrokerSwitch> freeze() {
        return Optional.of(new BrokerSwitch() {
            @Override
            public void takeDown() {
                broker.freeze();
            }

            @Override
            public void bringBack() {
                broker.thaw();
            }
        });
    }

    @Override
    protected Optional<OutgoingEvent> impossible() {
        return Optional.of(outgoing(OutboxEvent.to(newTopic()).bytes(new byte[2_000_000], "application/octet-stream")));
    }

    /** A look-up of the topic, room in the buffer, and the delivery, with the settings above; and a slow machine. */
    @Override
    protected Duration failsWithin() {
        return Duration.ofSeconds(2 + 2 + 4).plus(PATIENCE);
    }

    @Override
    protected Duration blocksFor() {
        return Duration.ofSeconds(2).plus(PATIENCE);
    }

    @Test
    void aTopicThatDoesNotExistIsRefusedUntilItDoes() {
        try (EventPublisher publisher = newPublisher()) {
            OutgoingEvent event = outgoing(OutboxEvent.to("made-late").key("42").json("{}"));
            assertThat(failure(publisher, event))
                    .isInstanceOf(EventRefusedException.class)
                    .hasMessageContaining("Create the topic");
            create(new NewTopic("made-late", 1, (short) 1));
            await(publisher.publish(event).toCompletableFuture());
            assertThat(read("made-late", 1)).hasSize(1);
        }
    }

    @Test
    void aTopicWithoutAValidNameIsRefused() {
        try (EventPublisher publisher = newPublisher()) {
            assertThat(failure(publisher, outgoing(OutboxEvent.to("not a topic").json("{}"))))
                    .isInstanceOf(EventRefusedException.class);
        }
    }

    @Test
    void anEventThatIsTooLargeForItsTopicIsRefusedByTheBroker() {
        String topic = newTopic(Map.of("max.message.bytes", "10000"));
        try (EventPublisher publisher = newPublisher()) {
            assertThat(failure(
                            publisher,
                            outgoing(OutboxEvent.to(topic).bytes(new byte[20_000], "application/octet-stream"))))
                    .isInstanceOf(EventRefusedException.class)
                    .hasMessageContaining("max.message.bytes");
        }
    }

    @Test
    void theExampleOfThePageWorks() throws IOException {
        assertThatThePageShowsTheExample();
        String topic = newTopic();
        try (EventPublisher publisher = KafkaExample.publisher(broker.address())) {
            await(publisher.publish(outgoing(OutboxEvent.to(topic).json("{}"))).toCompletableFuture());
        }
        assertThat(read(topic, 1).get(0).headers()).containsEntry("ce_source", "/orders");
    }

    private static void assertThatThePageShowsTheExample() throws IOException {
        String code = Files.readString(Path.of("src/test/java/io/sagaz/outbox/kafka/KafkaExample.java"));
        String sample = code.substring(
                        code.indexOf("// begin\n") + "// begin\n".length(), code.indexOf("        // end"))
                .indent(-8);
        assertThat(Files.readString(Path.of("../docs/outbox/publishers.md"))).contains("```java\n" + sample + "```\n");
    }

    private static Throwable failure(EventPublisher publisher, OutgoingEvent event) {
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        publisher.publish(event).whenComplete((done, e) -> failure.complete(e));
        return await(failure);
    }

    private static <T> T await(KafkaFuture<T> future) {
        return await(future.toCompletionStage().toCompletableFuture());
    }

    private static <T> T await(CompletableFuture<T> future) {
        return future.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    }
}
