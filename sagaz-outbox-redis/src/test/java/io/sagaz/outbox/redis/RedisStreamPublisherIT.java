package io.sagaz.outbox.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.Range;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import io.sagaz.outbox.BrokerUnavailableException;
import io.sagaz.outbox.EventPublisher;
import io.sagaz.outbox.EventRefusedException;
import io.sagaz.outbox.OutgoingEvent;
import io.sagaz.outbox.contract.Arrival;
import io.sagaz.outbox.contract.BrokerSwitch;
import io.sagaz.outbox.contract.EventPublisherContract;
import io.sagaz.storage.EventPayload;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.testkit.Broker;
import io.sagaz.testkit.BrokerMissingException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class RedisStreamPublisherIT extends EventPublisherContract {
    private static final AtomicInteger STREAMS = new AtomicInteger();
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration TIMEOUT = Duration.ofSeconds(3);

    private static Broker broker;
    private static RedisClient client;

    @BeforeAll
    static void start() {
        broker = startOrSkip();
        client = RedisClient.create();
    }

    private static Broker startOrSkip() {
        try {
            return Broker.redis();
        } catch (BrokerMissingException e) {
            return Assumptions.abort(String.valueOf(e.getMessage()));
        }
    }

    @AfterAll
    static void stop() {
        if (client != null) {
            client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
        }
        if (broker != null) {
            broker.close();
        }
    }

    private static RedisURI uri() {
        return RedisURI.create(broker.host(), broker.port());
    }

    private RedisStreamPublisher.Builder builder() {
        return RedisStreamPublisher.builder(uri()).source(source()).timeout(TIMEOUT);
    }

    @Override
    protected EventPublisher newPublisher() {
        return builder().build();
    }

    @Override
    protected String newTopic() {
        return "stream-" + STREAMS.incrementAndGet();
    }

    /** What is acknowledged is there, so nothing is to be waited for. */
    @Override
    protected List<Arrival> read(String topic, int atLeast) {
        return ask(redis -> redis.xrange(topic, Range.unbounded()).stream()
                .map(RedisStreamPublisherIT::arrival)
                .toList());
    }

    private static Arrival arrival(StreamMessage<String, byte[]> entry) {
        Map<String, String> headers = new HashMap<>();
        entry.getBody().forEach((name, value) -> headers.put(name, new String(value, StandardCharsets.UTF_8)));
        headers.remove("payload");
        return new Arrival(
                String.valueOf(headers.get("ce_id")),
                String.valueOf(headers.get("ce_partitionkey")),
                new EventPayload.Bytes(
                        entry.getBody().getOrDefault("payload", "no payload".getBytes(StandardCharsets.UTF_8)),
                        String.valueOf(headers.get("content-type"))),
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

    /** Its key holds a text. */
    @Override
    protected Optional<OutgoingEvent> impossible() {
        String key = newTopic();
        ask(redis -> redis.set(key, "a text".getBytes(StandardCharsets.UTF_8)));
        return Optional.of(outgoing(OutboxEvent.to(key).key("42").json("{}")));
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
    void aHeaderThatIsCalledPayloadDoesNotReplaceThePayload() {
        String stream = newTopic();
        try (EventPublisher publisher = newPublisher()) {
            assertThat(outcome(
                            publisher,
                            outgoing(OutboxEvent.to(stream).json("{\"a\": 1}").header("payload", "forged"))))
                    .isNull();
        }
        assertThat(new String(read(stream, 1).get(0).payload().toByteArray(), StandardCharsets.UTF_8))
                .isEqualTo("{\"a\": 1}");
    }

    @Test
    void aKeyThatIsNoStreamIsRefusedWithARemedy() {
        try (EventPublisher publisher = newPublisher()) {
            assertThat(outcome(publisher, impossible().orElseThrow()))
                    .isInstanceOf(EventRefusedException.class)
                    .hasMessageContaining("WRONGTYPE")
                    .hasMessageContaining("rename");
        }
    }

    @Test
    void aServerThatIsFullIsNotTheEventsFault() {
        String stream = newTopic();
        try (EventPublisher publisher = newPublisher()) {
            ask(redis -> redis.configSet("maxmemory", "1"));
            try {
                assertThat(outcome(publisher, outgoing(OutboxEvent.to(stream).json("{}"))))
                        .isInstanceOf(BrokerUnavailableException.class)
                        .hasMessageContaining("OOM");
            } finally {
                ask(redis -> redis.configSet("maxmemory", "0"));
            }
            assertThat(outcome(publisher, outgoing(OutboxEvent.to(stream).json("{}"))))
                    .isNull();
        }
    }

    @Test
    void aReplicaIsNotTheEventsFaultAndIsLeft() {
        String stream = newTopic();
        try (EventPublisher publisher = newPublisher()) {
            assertThat(outcome(publisher, outgoing(OutboxEvent.to(stream).json("{}"))))
                    .isNull();
            // Of a master that is not there: it keeps what it has, and takes nothing from clients.
            ask(redis -> redis.replicaof(broker.host(), 1));
            try {
                assertThat(outcome(publisher, outgoing(OutboxEvent.to(stream).json("{}"))))
                        .isInstanceOf(BrokerUnavailableException.class)
                        .hasMessageContaining("READONLY");
            } finally {
                ask(RedisCommands::replicaofNoOne);
            }
            assertThat(outcome(publisher, outgoing(OutboxEvent.to(stream).json("{}"))))
                    .isNull();
        }
        assertThat(read(stream, 2)).hasSize(2);
    }

    @Test
    void aServerThatWantsReplicasIsNotTheEventsFault() {
        try (EventPublisher publisher = newPublisher()) {
            ask(redis -> redis.configSet("min-replicas-to-write", "1"));
            try {
                assertThat(outcome(
                                publisher, outgoing(OutboxEvent.to(newTopic()).json("{}"))))
                        .isInstanceOf(BrokerUnavailableException.class)
                        .hasMessageContaining("NOREPLICAS");
            } finally {
                ask(redis -> redis.configSet("min-replicas-to-write", "0"));
            }
        }
    }

    @Test
    void credentialsThatAreRefusedAreNotTheEventsFault() {
        RedisURI wrong = RedisURI.builder(uri())
                .withAuthentication("nobody", "secret-of-nobody".toCharArray())
                .build();
        try (EventPublisher publisher =
                RedisStreamPublisher.builder(wrong).source("/test").build()) {
            Throwable failure =
                    outcome(publisher, outgoing(OutboxEvent.to(newTopic()).json("{}")));
            assertThat(failure).isInstanceOf(BrokerUnavailableException.class);
            assertThat(String.valueOf(failure)).doesNotContain("secret-of-nobody");
        }
    }

    @Test
    void aStreamIsCutToAboutTheLengthThatWasSet() {
        String stream = newTopic();
        try (EventPublisher publisher = builder().trimToAbout(100).build()) {
            for (int i = 0; i < 1_000; i++) {
                assertThat(outcome(publisher, outgoing(OutboxEvent.to(stream).json("{}"))))
                        .isNull();
            }
        }
        // Redis cuts whole nodes, of 100 entries unless it is told otherwise.
        long length = ask(redis -> redis.xlen(stream));
        assertThat(length).isBetween(100L, 300L);
    }

    @Test
    void badSettingsAreRefusedByNameAndValue() {
        assertThatThrownBy(() -> builder().timeout(Duration.ofMinutes(6)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("RedisStreamPublisher.timeout")
                .hasMessageContaining("PT6M");
        assertThatThrownBy(() -> builder().trimToAbout(0)).hasMessageContaining("trimToAbout must be at least 1");
        assertThatThrownBy(() -> RedisStreamPublisher.builder(uri()).build())
                .hasMessageContaining("RedisStreamPublisher.source");
    }

    @Test
    void theExampleOfThePageWorks() throws IOException {
        assertThatThePageShowsTheExample();
        String stream = newTopic();
        try (EventPublisher publisher = RedisExample.publisher("redis://" + broker.address())) {
            assertThat(outcome(publisher, outgoing(OutboxEvent.to(stream).json("{}"))))
                    .isNull();
        }
        assertThat(read(stream, 1).get(0).headers()).containsEntry("ce_source", "/orders");
    }

    private static void assertThatThePageShowsTheExample() throws IOException {
        String code = Files.readString(Path.of("src/test/java/io/sagaz/outbox/redis/RedisExample.java"));
        String sample = code.substring(
                        code.indexOf("// begin\n") + "// begin\n".length(), code.indexOf("        // end"))
                .indent(-8);
        assertThat(Files.readString(Path.of("../docs/outbox/publishers.md"))).contains("```java\n" + sample + "```\n");
    }

    private static @Nullable Throwable outcome(EventPublisher publisher, OutgoingEvent event) {
        CompletableFuture<@Nullable Throwable> outcome = new CompletableFuture<>();
        publisher.publish(event).whenComplete((done, failure) -> outcome.complete(failure));
        return outcome.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    }

    private static <T> T ask(Function<RedisCommands<String, byte[]>, T> question) {
        try (StatefulRedisConnection<String, byte[]> connection =
                client.connect(RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE), uri())) {
            return question.apply(connection.sync());
        }
    }
}
