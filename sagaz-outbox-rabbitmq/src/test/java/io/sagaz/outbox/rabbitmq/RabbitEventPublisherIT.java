package io.sagaz.outbox.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import io.sagaz.outbox.BrokerUnavailableException;
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
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class RabbitEventPublisherIT extends EventPublisherContract {
    private static final AtomicInteger QUEUES = new AtomicInteger();
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration TIMEOUT = Duration.ofSeconds(3);

    private static Broker broker;

    @BeforeAll
    static void start() {
        broker = startOrSkip();
    }

    private static Broker startOrSkip() {
        try {
            return Broker.rabbitMq();
        } catch (BrokerMissingException e) {
            return Assumptions.abort(String.valueOf(e.getMessage()));
        }
    }

    @AfterAll
    static void stop() {
        if (broker != null) {
            broker.close();
        }
    }

    private static ConnectionFactory factory() {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost(broker.host());
        factory.setPort(broker.port());
        return factory;
    }

    private RabbitEventPublisher.Builder builder() {
        return RabbitEventPublisher.builder(factory()).source(source()).timeout(TIMEOUT);
    }

    @Override
    protected EventPublisher newPublisher() {
        return builder().build();
    }

    @Override
    protected String newTopic() {
        return newQueue(Map.of());
    }

    private static String newQueue(Map<String, Object> arguments) {
        String queue = "queue-" + QUEUES.incrementAndGet();
        onChannel(channel -> channel.queueDeclare(queue, true, false, false, arguments));
        return queue;
    }

    @Override
    protected List<Arrival> read(String topic, int atLeast) {
        return onChannel(channel -> {
            List<Arrival> arrivals = new ArrayList<>();
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            GetResponse response = channel.basicGet(topic, false);
            while (response != null || (arrivals.size() < atLeast && System.nanoTime() - deadline < 0)) {
                if (response != null) {
                    arrivals.add(arrival(response));
                }
                response = channel.basicGet(topic, false);
            }
            // Not acknowledged: they stay in the queue, in their order, for the next reader.
            return arrivals;
        });
    }

    private static Arrival arrival(GetResponse response) {
        Map<String, String> headers = new HashMap<>();
        response.getProps().getHeaders().forEach((name, value) -> headers.put(name, value.toString()));
        assertThat(response.getProps().getDeliveryMode()).isEqualTo(2);
        assertThat(response.getProps().getMessageId()).isEqualTo(headers.get("cloudEvents_id"));
        return new Arrival(
                response.getProps().getMessageId(),
                String.valueOf(headers.get("cloudEvents_partitionkey")),
                new EventPayload.Bytes(response.getBody(), response.getProps().getContentType()),
                headers);
    }

    @Override
    protected String attributePrefix() {
        return "cloudEvents_";
    }

    @Override
    protected Optional<BrokerSwitch> crash() {
        return Optional.of(new BrokerSwitch() {
            @Override
            public void takeDown() {
                // Of a queue that was declared a moment ago RabbitMQ itself may know nothing after a crash: no
                // publisher's fault.
                broker.rabbitmqctl("eval", "mnesia:sync_log().");
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

    /** No queue has that name. */
    @Override
    protected Optional<OutgoingEvent> impossible() {
        return Optional.of(outgoing(OutboxEvent.to("nobody-listens").key("42").json("{}")));
    }

    /** And what a slow machine needs. */
    @Override
    protected Duration failsWithin() {
        return TIMEOUT.plus(PATIENCE);
    }

    @Override
    protected Duration blocksFor() {
        return PATIENCE;
    }

    @Test
    void anEventWithoutAQueueIsRefusedWhileOthersGoThrough() {
        String queue = newTopic();
        try (EventPublisher publisher = newPublisher()) {
            List<CompletableFuture<@Nullable Throwable>> outcomes = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                String topic = i % 2 == 0 ? queue : "nobody-listens";
                outcomes.add(outcome(publisher, outgoing(OutboxEvent.to(topic).json("{}"))));
            }
            for (int i = 0; i < 200; i++) {
                Throwable failure = await(outcomes.get(i));
                if (i % 2 == 0) {
                    assertThat(failure).isNull();
                } else {
                    assertThat(failure)
                            .isInstanceOf(EventRefusedException.class)
                            .hasMessageContaining("312");
                }
            }
        }
        assertThat(read(queue, 100)).hasSize(100);
    }

    @Test
    void anEventWithAQueueThatAppearsLateIsTaken() {
        OutgoingEvent event = outgoing(OutboxEvent.to("declared-late").json("{}"));
        try (EventPublisher publisher = newPublisher()) {
            assertThat(await(outcome(publisher, event))).isInstanceOf(EventRefusedException.class);
            onChannel(channel -> channel.queueDeclare("declared-late", true, false, false, Map.of()));
            assertThat(await(outcome(publisher, event))).isNull();
        }
    }

    @Test
    void throughAnExchangeTheTopicIsTheRoutingKey() {
        String queue = newTopic();
        onChannel(channel -> {
            channel.exchangeDeclare("events", "topic", true);
            return channel.queueBind(queue, "events", "orders.#");
        });
        OutgoingEvent event = outgoing(OutboxEvent.to("orders.placed").json("{}"));
        try (EventPublisher publisher = builder().exchange("events").build()) {
            assertThat(await(outcome(publisher, event))).isNull();
            assertThat(await(outcome(
                            publisher, outgoing(OutboxEvent.to("payments.made").json("{}")))))
                    .isInstanceOf(EventRefusedException.class);
        }
        assertThat(read(queue, 1))
                .extracting(Arrival::id)
                .containsExactly(event.event().id().toString());
    }

    @Test
    void anExchangeThatIsNotThereIsNotTheEventsFault() {
        try (EventPublisher publisher = builder().exchange("not-there").build()) {
            assertThat(await(
                            outcome(publisher, outgoing(OutboxEvent.to("orders").json("{}")))))
                    .isInstanceOf(BrokerUnavailableException.class)
                    .hasMessageContaining("not-there");
            onChannel(channel -> channel.exchangeDeclare("not-there", "fanout", true));
            // There is nobody behind it, but it is there.
            assertThat(await(
                            outcome(publisher, outgoing(OutboxEvent.to("orders").json("{}")))))
                    .isInstanceOf(EventRefusedException.class);
        }
    }

    @Test
    void anExchangeThatIsDeletedMeanwhileIsNotTheEventsFault() {
        onChannel(channel -> channel.exchangeDeclare("deleted", "fanout", true));
        try (EventPublisher publisher = builder().exchange("deleted").build()) {
            assertThat(await(
                            outcome(publisher, outgoing(OutboxEvent.to("orders").json("{}")))))
                    .isInstanceOf(EventRefusedException.class);
            onChannel(channel -> channel.exchangeDelete("deleted"));
            assertThat(await(
                            outcome(publisher, outgoing(OutboxEvent.to("orders").json("{}")))))
                    .isInstanceOf(BrokerUnavailableException.class);
        }
    }

    @Test
    void anEventThatIsTooLargeForThePublisherIsRefused() {
        String queue = newTopic();
        try (EventPublisher publisher = builder().maxMessageBytes(1_000).build()) {
            assertThat(await(outcome(publisher, sized(queue, 1_001))))
                    .isInstanceOf(EventRefusedException.class)
                    .hasMessageContaining("maxMessageBytes");
            assertThat(await(outcome(publisher, sized(queue, 1_000)))).isNull();
        }
    }

    @Test
    void anEventThatIsTooLargeForTheBrokerIsRefusedAndNoOther() {
        String queue = newTopic();
        try (EventPublisher publisher = newPublisher()) {
            // The broker takes four million bytes.
            List<CompletableFuture<@Nullable Throwable>> small = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                small.add(outcome(publisher, sized(queue, 10)));
            }
            CompletableFuture<@Nullable Throwable> large = outcome(publisher, sized(queue, 5_000_000));
            for (int i = 0; i < 20; i++) {
                small.add(outcome(publisher, sized(queue, 10)));
            }
            assertThat(await(large)).isInstanceOf(EventRefusedException.class).hasMessageContaining("max_message_size");
            small.forEach(each -> {
                Throwable failure = await(each);
                if (failure != null) {
                    assertThat(failure).isInstanceOf(BrokerUnavailableException.class);
                }
            });
            assertThat(await(outcome(publisher, sized(queue, 10)))).isNull();
        }
    }

    @Test
    void whatAmqpCannotCarryIsRefusedAndTheNextIsTaken() {
        String queue = newTopic();
        String long255 = "Ω".repeat(200);
        try (EventPublisher publisher = newPublisher()) {
            assertThat(await(outcome(publisher, outgoing(OutboxEvent.to(long255).json("{}")))))
                    .isInstanceOf(EventRefusedException.class)
                    .hasMessageContaining("topic has 400 bytes");
            assertThat(await(outcome(
                            publisher, outgoing(OutboxEvent.to(queue).json("{}").header(long255, "x")))))
                    .isInstanceOf(EventRefusedException.class)
                    .hasMessageContaining("name of a header");
            assertThat(await(outcome(
                            publisher,
                            outgoing(OutboxEvent.to(queue).json("{}").header("large", "x".repeat(130_000))))))
                    .isInstanceOf(EventRefusedException.class)
                    .hasMessageContaining("its headers have");
            assertThat(await(outcome(
                            publisher,
                            outgoing(OutboxEvent.to(queue).json("{}").header("large", "x".repeat(110_000))))))
                    .isNull();
        }
    }

    @Test
    void aFullQueueIsNotTheEventsFault() {
        String queue = newQueue(Map.of("x-max-length", 1, "x-overflow", "reject-publish"));
        try (EventPublisher publisher = newPublisher()) {
            Throwable failure = null;
            for (int i = 0; i < 50 && failure == null; i++) {
                failure =
                        await(outcome(publisher, outgoing(OutboxEvent.to(queue).json("{}"))));
            }
            assertThat(failure).isInstanceOf(BrokerUnavailableException.class).hasMessageContaining("nack");
        }
    }

    @Test
    void blockedPublishersFailInsteadOfWaitingForTheAlarmToEnd() {
        String queue = newTopic();
        try (EventPublisher publisher = newPublisher()) {
            assertThat(await(outcome(publisher, outgoing(OutboxEvent.to(queue).json("{}")))))
                    .isNull();
            broker.rabbitmqctl("set_vm_memory_high_watermark", "0.0000001");
            try {
                for (int i = 0; i < 3; i++) {
                    assertThat(await(outcome(
                                    publisher, outgoing(OutboxEvent.to(queue).json("{}")))))
                            .isInstanceOf(BrokerUnavailableException.class)
                            .hasMessageContaining("blocked publishers");
                }
            } finally {
                broker.rabbitmqctl("set_vm_memory_high_watermark", "0.4");
            }
            OutgoingEvent after = outgoing(OutboxEvent.to(queue).json("{}"));
            Await.until("publishers are not blocked any more", PATIENCE, () -> {
                Throwable failure = await(outcome(publisher, after));
                if (failure != null) {
                    assertThat(failure).isInstanceOf(BrokerUnavailableException.class);
                }
                return failure == null;
            });
        }
    }

    @Test
    void theExampleOfThePageWorks() throws Exception {
        assertThatThePageShowsTheExample();
        String queue = newTopic();
        onChannel(channel -> {
            channel.exchangeDeclare("events", "topic", true);
            return channel.queueBind(queue, "events", "example");
        });
        try (EventPublisher publisher = RabbitExample.publisher("amqp://guest:guest@" + broker.address())) {
            assertThat(await(outcome(
                            publisher, outgoing(OutboxEvent.to("example").json("{}")))))
                    .isNull();
        }
        assertThat(read(queue, 1).get(0).headers()).containsEntry("cloudEvents_source", "/orders");
    }

    private static void assertThatThePageShowsTheExample() throws IOException {
        String code = Files.readString(Path.of("src/test/java/io/sagaz/outbox/rabbitmq/RabbitExample.java"));
        String sample = code.substring(
                        code.indexOf("// begin\n") + "// begin\n".length(), code.indexOf("        // end"))
                .indent(-8);
        assertThat(Files.readString(Path.of("../docs/outbox/publishers.md"))).contains("```java\n" + sample + "```\n");
    }

    private OutgoingEvent sized(String topic, int bytes) {
        return outgoing(OutboxEvent.to(topic).bytes(new byte[bytes], "application/octet-stream"));
    }

    private static CompletableFuture<@Nullable Throwable> outcome(EventPublisher publisher, OutgoingEvent event) {
        CompletableFuture<@Nullable Throwable> outcome = new CompletableFuture<>();
        publisher.publish(event).whenComplete((done, failure) -> outcome.complete(failure));
        return outcome;
    }

    private static @Nullable Throwable await(CompletableFuture<@Nullable Throwable> outcome) {
        return outcome.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    }

    private interface OnChannel<T> {
        T run(Channel channel) throws IOException;
    }

    private static <T> T onChannel(OnChannel<T> work) {
        try (Connection connection = factory().newConnection("test");
                Channel channel = connection.createChannel()) {
            return work.run(channel);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (TimeoutException e) {
            throw new AssertionError(e);
        }
    }
}
