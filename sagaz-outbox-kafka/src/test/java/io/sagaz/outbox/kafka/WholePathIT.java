package io.sagaz.outbox.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.outbox.OutboxRelay;
import io.sagaz.storage.InboxDelivery;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.postgres.ConsumerInbox;
import io.sagaz.storage.postgres.PoolConfig;
import io.sagaz.storage.postgres.RoutingSagaStore;
import io.sagaz.testkit.Broker;
import io.sagaz.testkit.BrokerMissingException;
import io.sagaz.testkit.Topology;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** From a saga to its effect in another service: store, outbox, relay, a Kafka that dies and comes back, inbox. */
class WholePathIT {
    private static final int SAGAS = 600;
    private static final int KEYS = 20;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @Test
    void eachEventHasItsEffectOnceAndInTheOrderOfItsKeyThoughKafkaDies() throws Exception {
        try (Broker kafka = kafkaOrSkip();
                Topology topology = Topology.builder().replicas(1).start();
                RoutingSagaStore store = store(topology)) {
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.address()))) {
                admin.createTopics(List.of(new NewTopic("orders", 4, (short) 1)))
                        .all()
                        .get(1, TimeUnit.MINUTES);
            }
            try (KafkaEventPublisher publisher = KafkaEventPublisher.connect(
                            Map.of(
                                    "bootstrap.servers",
                                    kafka.address(),
                                    "request.timeout.ms",
                                    2_000,
                                    "delivery.timeout.ms",
                                    4_000),
                            "/orders");
                    OutboxRelay relay = OutboxRelay.builder(store.outboxLog())
                            .publisher(publisher)
                            .build()
                            .start()) {
                for (int i = 0; i < SAGAS; i++) {
                    store.start(NewSaga.named("order")
                            .emit(OutboxEvent.to("orders").key("k" + i % KEYS).json("{\"n\": " + i + "}")));
                    if (i == SAGAS / 3) {
                        kafka.crash();
                    } else if (i == 2 * SAGAS / 3) {
                        kafka.start();
                    }
                }
                Map<String, List<Integer>> effects = consume(kafka, store.inbox("billing"));
                for (int key = 0; key < KEYS; key++) {
                    List<Integer> expected = new ArrayList<>();
                    for (int i = key; i < SAGAS; i += KEYS) {
                        expected.add(i);
                    }
                    assertThat(effects.get("k" + key)).as("key %d", key).isEqualTo(expected);
                }
                assertThat(relay.shards()).isEqualTo(64);
            }
        }
    }

    private static Broker kafkaOrSkip() {
        try {
            return Broker.kafka();
        } catch (BrokerMissingException e) {
            return Assumptions.abort(String.valueOf(e.getMessage()));
        }
    }

    private static RoutingSagaStore store(Topology topology) {
        return RoutingSagaStore.builder()
                .write(PoolConfig.of(
                        topology.rwUrl(), topology.app().user(), topology.app().password()))
                .direct(PoolConfig.of(
                        topology.primaryUrl(),
                        topology.owner().user(),
                        topology.owner().password()))
                .build();
    }

    /** What the handlers of a consumer have done, by key, in the order of the records: each partition keeps that of its keys. */
    private static Map<String, List<Integer>> consume(Broker kafka, ConsumerInbox inbox) {
        Map<String, List<Integer>> effects = new HashMap<>();
        int handled = 0;
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", kafka.address()),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor("orders").stream()
                    .map(each -> new TopicPartition("orders", each.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            while (handled < SAGAS && System.nanoTime() < deadline) {
                for (ConsumerRecord<byte[], byte[]> each : consumer.poll(Duration.ofSeconds(1))) {
                    UUID id = UUID.fromString(
                            new String(each.headers().lastHeader("ce_id").value(), StandardCharsets.UTF_8));
                    String key = new String(each.key(), StandardCharsets.UTF_8);
                    int number =
                            Integer.parseInt(new String(each.value(), StandardCharsets.UTF_8).replaceAll("\\D", ""));
                    List<Integer> done = new ArrayList<>();
                    inbox.process(InboxDelivery.of(id).topic("orders"), tx -> {
                        done.add(number);
                        return Optional.empty();
                    });
                    effects.computeIfAbsent(key, first -> new ArrayList<>()).addAll(done);
                    handled += done.size();
                }
            }
        }
        assertThat(handled).as("effects").isEqualTo(SAGAS);
        return effects;
    }
}
