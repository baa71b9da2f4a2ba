package io.sagaz.bench.outbox;

import io.sagaz.bench.Stage;
import io.sagaz.bench.measure.Rounds;
import io.sagaz.bench.measure.Series;
import io.sagaz.bench.report.Section;
import io.sagaz.bench.report.Words;
import io.sagaz.outbox.EventPublisher;
import io.sagaz.outbox.kafka.KafkaEventPublisher;
import io.sagaz.storage.postgres.RoutingSagaStore;
import io.sagaz.testkit.Broker;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;

/** How many waiting events come to a real Kafka in a second, and what bounds that. */
final class KafkaMeasurement {
    static final int PARTITIONS = 4;

    private static final String RELAY = "kafka";
    private static final double NANOS_OF_A_SECOND = 1e9;

    private final Stage stage;
    private final OutboxSizes.Draining sizes;
    private final Series<KafkaDrainer> rates = new Series<>();

    KafkaMeasurement(Stage stage, OutboxSizes.Draining sizes) {
        this.stage = stage;
        this.sizes = sizes;
    }

    Section measure() throws SQLException, InterruptedException {
        OutboxTables.empty(stage);
        stage.progress().step("Starting Kafka, and emitting " + Words.count(sizes.events()) + " events for it");
        try (Broker kafka = Broker.kafka();
                Authors authors = new Authors(stage, Backlog.WRITERS);
                RoutingSagaStore store = Stores.open(stage, Backlog.WRITERS)) {
            createTopic(kafka);
            new Backlog().append(authors.of(Author.SAGAZ), sizes.events());
            OutboxTables.settle(stage);
            for (int round = 0; round < sizes.rounds().total(); round++) {
                for (KafkaDrainer drainer : KafkaDrainer.values()) {
                    stage.progress()
                            .step("Kafka, round " + (round + 1) + " of "
                                    + sizes.rounds().total() + ": " + drainer.title());
                    double rate = rate(drainer, store, kafka);
                    if (round >= sizes.rounds().warmUps()) {
                        rates.add(drainer, rate);
                    }
                }
            }
        }
        OutboxTables.empty(stage);
        return new KafkaSection(this, sizes).section();
    }

    private static void createTopic(Broker kafka) throws InterruptedException {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.address()))) {
            admin.createTopics(List.of(new NewTopic(Events.TOPIC, PARTITIONS, (short) 1)))
                    .all()
                    .get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("Kafka has not made the topic", e.getCause());
        }
    }

    private double rate(KafkaDrainer drainer, RoutingSagaStore store, Broker kafka)
            throws SQLException, InterruptedException {
        stage.administer("CHECKPOINT");
        try (EventPublisher publisher =
                        KafkaEventPublisher.connect(Map.of("bootstrap.servers", kafka.address()), "/bench");
                Drain drain = drain(drainer, store, publisher)) {
            long begin = System.nanoTime();
            drain.start();
            Remainder left =
                    () -> Math.max(0, sizes.events() - drain.published().count());
            left.awaitNone();
            drain.settle();
            return sizes.events() * NANOS_OF_A_SECOND / (System.nanoTime() - begin);
        } finally {
            OutboxTables.forget(stage, RELAY);
        }
    }

    private Drain drain(KafkaDrainer drainer, RoutingSagaStore store, EventPublisher kafka) {
        return switch (drainer) {
            case RELAY ->
                RelayDrain.of(store.outboxLog(), RELAY, OptionalInt.empty(), published -> counting(kafka, published));
            case PUBLISHER -> {
                Published published = new Published();
                yield new PublisherDrain(counting(kafka, published), published, sizes.events());
            }
            case RELAY_TO_NOBODY -> RelayDrain.of(store.outboxLog(), RELAY, OptionalInt.empty(), RelayDrain.NO_BROKER);
        };
    }

    /** Counts what is acknowledged. */
    private static EventPublisher counting(EventPublisher publisher, Published published) {
        return event -> publisher.publish(event).thenRun(() -> published.add(1));
    }

    /** Events in a second. */
    Rounds rates(KafkaDrainer drainer) {
        return rates.of(drainer);
    }
}
