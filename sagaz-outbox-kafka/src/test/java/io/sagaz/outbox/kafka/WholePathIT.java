package io.sagaz.outbox.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.outbox.OutboxRelay;
import io.sagaz.storage.InboxDelivery;
import io.sagaz.storage.InboxResult.Processed;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.postgres.ConsumerInbox;
import io.sagaz.storage.postgres.PoolConfig;
import io.sagaz.storage.postgres.RoutingSagaStore;
import io.sagaz.testkit.Broker;
import io.sagaz.testkit.BrokerMissingException;
import io.sagaz.testkit.Ledger;
import io.sagaz.testkit.Topology;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
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
        Ledger ledger = new Ledger();
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
                    String key = "k" + i % KEYS;
                    store.start(NewSaga.named("order")
                            .emit(OutboxEvent.to("orders").key(key).json("{\"n\": " + i + "}")));
                    ledger.promise(key, i);
                    if (i == SAGAS / 3) {
                        kafka.crash();
                    } else if (i == 2 * SAGAS / 3) {
                        kafka.start();
                    }
                }
                consume(kafka, store.inbox("billing"), ledger);
                ledger.verdict().assertExactlyOnce().assertInOrder();
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

    /** Notes what the handlers of a consumer have done, in the order of the records: each partition keeps that of its keys. */
    private static void consume(Broker kafka, ConsumerInbox inbox, Ledger ledger) {
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
            while (ledger.arrived() < SAGAS && System.nanoTime() < deadline) {
                for (ConsumerRecord<byte[], byte[]> each : consumer.poll(Duration.ofSeconds(1))) {
                    UUID id = UUID.fromString(
                            new String(each.headers().lastHeader("ce_id").value(), StandardCharsets.UTF_8));
                    String key = new String(each.key(), StandardCharsets.UTF_8);
                    int number =
                            Integer.parseInt(new String(each.value(), StandardCharsets.UTF_8).replaceAll("\\D", ""));
                    if (inbox.process(InboxDelivery.of(id).topic("orders"), tx -> Optional.empty())
                            instanceof Processed) {
                        ledger.arrive(key, number);
                    }
                }
            }
        }
    }
}
