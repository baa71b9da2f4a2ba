package io.sagaz.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sagaz.storage.CausalToken;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.PageRequest;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.log.EventSource;
import io.sagaz.storage.log.RelayStart;
import io.sagaz.storage.postgres.RoutingSagaStore;
import io.sagaz.testkit.Await;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a relay promises, against a real database and a broker that does as the test wants. */
class OutboxRelayIT {
    private final InProcessPublisher broker = new InProcessPublisher();
    private RelayStand stand;

    @BeforeEach
    void open() {
        stand = RelayStand.open();
    }

    @AfterEach
    void close() {
        stand.close();
    }

    @ParameterizedTest
    @EnumSource(EventSource.class)
    void everyCommittedEventArrivesOnceAndInTheOrderOfItsKey(EventSource source) throws Exception {
        int number = 0;
        for (int i = 0; i < 300; i++) {
            stand.emit("before " + i % 7, number++);
        }
        try (OutboxRelay relay =
                stand.relay(broker).source(source).batchEvents(100).build().start()) {
            for (int i = 0; i < 300; i++) {
                List<OutboxEvent> events = new ArrayList<>();
                for (int j = 0; j < 3; j++) {
                    events.add(RelayStand.event("during " + j, number++));
                }
                stand.store().emit(events);
            }
            int expected = number;
            Await.until("all have arrived", () -> broker.published().size() >= expected);
            assertThat(relay.shards()).isEqualTo(64);
        }
        assertThat(broker.published().size()).as("nothing twice").isEqualTo(number);
        for (int i = 0; i < 7; i++) {
            assertThat(Numbers.published(broker, "before " + i)).isSorted().isNotEmpty();
        }
        for (int j = 0; j < 3; j++) {
            assertThat(Numbers.published(broker, "during " + j)).isSorted().hasSize(300);
        }
        assertThat(unpublished()).isZero();
    }

    @Test
    void aSlowTransactionDelaysItsOwnEventsAlone() throws Exception {
        try (OutboxRelay relay = stand.relay(broker).build().start();
                Connection slow = stand.connect()) {
            slow.setAutoCommit(false);
            stand.store().join(slow).emit(List.of(RelayStand.event("slow", 1)));
            for (int i = 2; i <= 200; i++) {
                stand.emit("fast", i);
            }
            Await.until(
                    "the others have arrived",
                    () -> Numbers.published(broker, "fast").size() == 199);
            assertThat(Numbers.isPublished(broker, 1)).as("it is not committed").isFalse();
            Await.until("they are acknowledged", () -> unpublished() == 0);
            slow.commit();
            Await.until("the late one has arrived", () -> Numbers.isPublished(broker, 1));
            stand.emit("fast", 201);
            Await.until("it goes on", () -> Numbers.isPublished(broker, 201));
            assertThat(relay.shards()).isEqualTo(64);
        }
        assertThat(broker.published().size()).isEqualTo(201);
    }

    @Test
    void whatIsRolledBackNeverArrives() throws Exception {
        try (OutboxRelay relay = stand.relay(broker).build().start();
                Connection connection = stand.connect()) {
            connection.setAutoCommit(false);
            stand.store().join(connection).emit(List.of(RelayStand.event("k", 1)));
            connection.rollback();
            stand.store().join(connection).emit(List.of(RelayStand.event("k", 2)));
            Savepoint savepoint = connection.setSavepoint();
            stand.store().join(connection).emit(List.of(RelayStand.event("k", 3)));
            connection.rollback(savepoint);
            connection.setSavepoint();
            stand.store().join(connection).emit(List.of(RelayStand.event("k", 4)));
            connection.commit();
            Await.until("the others have arrived", () -> Numbers.isPublished(broker, 4));
            assertThat(relay.shards()).isEqualTo(64);
        }
        assertThat(Numbers.published(broker, "k")).containsExactly(2, 4);
    }

    @Test
    void relaysOfDifferentNamesEachPublishEverything() {
        InProcessPublisher other = new InProcessPublisher();
        for (int i = 0; i < 50; i++) {
            stand.emit("early", i);
        }
        try (OutboxRelay first = stand.relay(broker).name("first").build().start()) {
            Await.until("the first has all", () -> broker.published().size() == 50);
            assertThat(first.shards()).isEqualTo(64);
            try (OutboxRelay second = stand.relay(other)
                    .name("second")
                    .startAt(RelayStart.now())
                    .build()
                    .start()) {
                Await.until("the second is there", () -> second.shards() == 64);
                for (int i = 50; i < 100; i++) {
                    stand.emit("late", i);
                }
                Await.until(
                        "both have the late ones",
                        () -> broker.published().size() == 100
                                && other.published().size() == 50);
            }
        }
        assertThat(Numbers.published(other, "late")).hasSize(50);
        assertThat(Numbers.published(other, "early")).as("before it began").isEmpty();
    }

    @Test
    void aRelayThatStartsAgainGoesOnWhereItWas() {
        stand.emit("k", 1);
        try (OutboxRelay relay = stand.relay(broker).build().start()) {
            Await.until("the first has arrived", () -> Numbers.isPublished(broker, 1));
            assertThat(relay.shards()).isPositive();
        }
        stand.emit("k", 2);
        try (OutboxRelay relay = stand.relay(broker).build().start()) {
            Await.until("the second has arrived", () -> Numbers.isPublished(broker, 2));
            assertThat(relay.shards()).isPositive();
        }
        assertThat(broker.published().size()).isEqualTo(2);
    }

    @Test
    void aRefusedEventHoldsBackItsKeyAloneAndIsTriedAgain() {
        broker.refuse(event -> Numbers.of(event) == 3);
        try (OutboxRelay relay = stand.relay(broker)
                .retries(new RetryPolicy(100, Duration.ofMillis(50), Duration.ofMillis(100)))
                .build()
                .start()) {
            for (int i = 1; i <= 10; i++) {
                stand.emit("poisoned", i);
                stand.emit("healthy", 100 + i);
            }
            Await.until(
                    "the other key flows",
                    () -> Numbers.published(broker, "healthy").size() == 10);
            Await.until("it was tried a few times", () -> Numbers.tries(broker, 3) >= 3);
            assertThat(Numbers.published(broker, "poisoned")).containsExactly(1, 2);
            stand.emit("poisoned", 11);
            Await.until("all that follow are parked", () -> parked() == 9);
            assertThat(stand.store()
                            .outbox(ReadConsistency.strong())
                            .parked("default", PageRequest.first(50))
                            .value()
                            .items()
                            .get(0)
                            .error())
                    .hasValueSatisfying(error -> assertThat(error).contains("told to refuse"));
            broker.refuseNothing();
            Await.until(
                    "all have arrived",
                    () -> Numbers.published(broker, "poisoned").size() == 11);
            Await.until("nothing is parked any more", () -> parked() == 0);
            stand.emit("poisoned", 12);
            Await.until("it goes on", () -> Numbers.isPublished(broker, 12));
            assertThat(relay.shards()).isEqualTo(64);
        }
        assertThat(Numbers.published(broker, "poisoned"))
                .containsExactlyElementsOf(IntStream.rangeClosed(1, 12).boxed().toList());
        assertThat(broker.published().size()).as("nothing twice").isEqualTo(22);
    }

    private long unpublished() {
        return stand.store()
                .outbox(ReadConsistency.strong())
                .depth()
                .value()
                .get(0)
                .unpublished();
    }

    private long parked() throws Exception {
        return stand.count("SELECT count(*) FROM {s}.saga_outbox_parked");
    }

    @Test
    void afterTheLastAttemptItIsADeadLetterAndThoseBehindItGoOn() throws Exception {
        AtomicInteger refused = new AtomicInteger();
        EventPublisher throwing = event -> {
            if (Numbers.of(event) == 2) {
                throw new IllegalStateException("refused for the " + refused.incrementAndGet() + ". time");
            }
            return broker.publish(event);
        };
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        try (OutboxRelay relay = stand.relay(throwing)
                .retries(new RetryPolicy(3, Duration.ofMillis(20), Duration.ofMillis(40)))
                .meterRegistry(meters)
                .build()
                .start()) {
            for (int i = 1; i <= 5; i++) {
                stand.emit("k", i);
            }
            Await.until(
                    "those behind it have arrived",
                    () -> Numbers.published(broker, "k").size() == 4);
            Await.until(
                    "it is a dead letter",
                    () -> stand.count("SELECT count(*) FROM {s}.saga_outbox_dead_letters WHERE attempts = 3") == 1);
            assertThat(relay.shards()).isEqualTo(64);
        }
        assertThat(refused).hasValue(3);
        assertThat(Numbers.published(broker, "k")).containsExactly(1, 3, 4, 5);
        assertThat(parked()).isZero();
        assertThat(meters.find(RelayMeterNames.DEPTH).gauge())
                .as("what it showed is gone with it")
                .isNull();
        assertThat(meters.get(RelayMeterNames.DEAD).counter().count()).isEqualTo(1);
        assertThat(meters.get(RelayMeterNames.PUBLISHED).counter().count()).isEqualTo(4);
        assertThat(meters.get(RelayMeterNames.FAILED).counter().count()).isEqualTo(3);
    }

    @Test
    void deadLettersThatAreSentAgainArriveInTheOrderOfTheirKey() {
        broker.refuse(event -> Numbers.of(event) % 2 == 0);
        try (OutboxRelay relay = stand.relay(broker)
                .retries(new RetryPolicy(1, Duration.ofMillis(1), Duration.ofMillis(1)))
                .lease(Duration.ofSeconds(1))
                .build()
                .start()) {
            for (int i = 1; i <= 10; i++) {
                stand.emit("k", i);
            }
            Await.until(
                    "the others have arrived",
                    () -> Numbers.published(broker, "k").size() == 5);
            Await.until(
                    "five are given up", () -> stand.count("SELECT count(*) FROM {s}.saga_outbox_dead_letters") == 5);
            broker.refuseNothing();
            stand.store().outboxAdmin().resendAll("default");
            Await.until("all have arrived", () -> Numbers.published(broker, "k").size() == 10);
            Await.until("nothing is parked any more", () -> parked() == 0);
            assertThat(relay.shards()).isEqualTo(64);
        }
        assertThat(Numbers.published(broker, "k")).containsExactly(1, 3, 5, 7, 9, 2, 4, 6, 8, 10);
        assertThat(broker.published().size()).isEqualTo(10);
    }

    /** Fault X-52 of the reference deployment: what was sent right after its commit stayed pending, and was sent again. */
    @Test
    void x52WhatIsPublishedRightAfterItsCommitIsNotPublishedAgain() throws Exception {
        InProcessPublisher other = new InProcessPublisher();
        try (OutboxRelay relay =
                stand.relay(broker).pollInterval(Duration.ofHours(1)).build().start()) {
            Await.until("it has its shards", () -> relay.shards() == 64);
            for (int i = 0; i < 50; i++) {
                stand.emit("k", i);
                int number = i;
                Await.until(
                        "event " + i + " has arrived, though nobody polls", () -> Numbers.isPublished(broker, number));
            }
        }
        assertThat(stand.count("SELECT sum(unpublished) FROM {s}.sagaz_outbox_depth"))
                .as("it is noted as published")
                .isZero();
        try (OutboxRelay next = stand.relay(other).build().start()) {
            Await.until("it has taken over", () -> next.shards() == 64);
            stand.emit("k", 50);
            Await.until("it goes on", () -> Numbers.isPublished(other, 50));
        }
        assertThat(other.published().size()).isEqualTo(1);
        assertThat(broker.published().size()).isEqualTo(50);
    }

    /** Faults X-53 of the reference deployment: an outage of seconds made dead letters of the whole backlog. */
    @Test
    void x53ABrokerThatIsDownBurnsNoAttempts() throws Exception {
        broker.goDown();
        try (OutboxRelay relay = stand.relay(broker)
                .retries(new RetryPolicy(1, Duration.ofMillis(1), Duration.ofMillis(1)))
                .build()
                .start()) {
            for (int i = 0; i < 100; i++) {
                stand.emit("k" + i % 10, i);
            }
            Await.until(
                    "it was tried more than once",
                    () -> IntStream.range(0, 100)
                                    .map(i -> Numbers.tries(broker, i))
                                    .sum()
                            > 3);
            assertThat(parked()).isZero();
            assertThat(stand.count("SELECT count(*) FROM {s}.saga_outbox_dead_letters"))
                    .isZero();
            broker.comeBack();
            Await.until("all have arrived", () -> broker.published().size() == 100);
            assertThat(relay.shards()).isEqualTo(64);
        }
        for (int i = 0; i < 10; i++) {
            assertThat(Numbers.published(broker, "k" + i)).isSorted().hasSize(10);
        }
        assertThat(broker.published().size()).isEqualTo(100);
    }

    @Test
    void nothingIsAtTheBrokerTwiceAtATimeForOneKey() {
        broker.hold();
        try (OutboxRelay relay = stand.relay(broker).build().start()) {
            for (int i = 0; i < 20; i++) {
                stand.emit("one", i);
                stand.emit("other " + i, 100 + i);
            }
            broker.awaitHeld(21, Duration.ofMinutes(1));
            assertThat(broker.held())
                    .filteredOn(event -> event.orderingKey().equals("one"))
                    .extracting(Numbers::of)
                    .containsExactly(0);
            broker.release();
            Await.until("all are there", () -> broker.published().size() == 40);
            assertThat(relay.shards()).isEqualTo(64);
        }
        assertThat(Numbers.published(broker, "one")).isSorted().hasSize(20);
    }

    @Test
    void anAnswerThatNeverComesIsTakenForABrokerThatIsDown() {
        broker.hold();
        try (OutboxRelay relay = stand.relay(broker)
                .publishTimeout(Duration.ofMillis(100))
                .build()
                .start()) {
            stand.emit("k", 1);
            stand.emit("k", 2);
            Await.until("it is tried again", () -> Numbers.tries(broker, 1) > 1);
            assertThat(Numbers.tries(broker, 2)).isZero();
            broker.release();
            Await.until("both have arrived", () -> Numbers.isPublished(broker, 2));
            assertThat(relay.shards()).isEqualTo(64);
        }
    }

    @Test
    void instancesShareTheWorkAndTakeOverFromThoseThatLeave() {
        InProcessPublisher other = new InProcessPublisher();
        try (OutboxRelay first = stand.relay(broker)
                .instance("first")
                .lease(Duration.ofSeconds(3))
                .build()
                .start()) {
            Await.until("it has all", () -> first.shards() == 64);
            try (OutboxRelay second = stand.relay(other)
                    .instance("second")
                    .lease(Duration.ofSeconds(3))
                    .build()
                    .start()) {
                Await.until("they share", () -> first.shards() == 32 && second.shards() == 32);
                for (int i = 0; i < 200; i++) {
                    stand.emit("k" + i % 50, i);
                }
                Await.until(
                        "all have arrived",
                        () -> broker.published().size() + other.published().size() == 200);
                assertThat(broker.published().size()).isPositive();
                assertThat(other.published().size()).isPositive();
            }
            Await.until("it has all again", () -> first.shards() == 64);
            int before = broker.published().size();
            for (int i = 200; i < 250; i++) {
                stand.emit("k" + i % 50, i);
            }
            Await.until("all have arrived", () -> broker.published().size() == before + 50);
        }
    }

    @Test
    void aConsumerThatReadsWithTheTokenSeesWhatTheTransactionWrote() throws Exception {
        BlockingQueue<CausalToken> tokens = new LinkedBlockingQueue<>();
        EventPublisher publisher = outgoing -> {
            tokens.add(outgoing.token());
            return CompletableFuture.completedFuture(null);
        };
        try (OutboxRelay relay = stand.relay(publisher).build().start()) {
            for (int i = 0; i < 50; i++) {
                SagaId id = stand.store()
                        .start(NewSaga.named("order")
                                .emit(OutboxEvent.to("orders").json("{}")))
                        .id();
                CausalToken token = tokens.poll(1, TimeUnit.MINUTES);
                assertThat(token).as("the event has arrived").isNotNull();
                assertThat(stand.store()
                                .reads(ReadConsistency.atLeast(token))
                                .find(id)
                                .value())
                        .as("saga %d", i)
                        .isPresent();
            }
            assertThat(relay.shards()).isEqualTo(64);
        }
    }

    /** Faults X-44 of the reference deployment: saga and event were two transactions, and the second one's error was logged away. */
    @Test
    void x44SagaAndEventAreCommittedTogetherAndArrive() {
        try (OutboxRelay relay = stand.relay(broker).build().start()) {
            NewSaga saga = NewSaga.named("order").emit(RelayStand.event("k", 1));
            stand.store().start(saga);
            assertThat(catchThrowable(() -> stand.store().inTransaction(tx -> {
                        tx.start(NewSaga.named("order").emit(RelayStand.event("k", 2)));
                        throw new IllegalStateException("the service fails");
                    })))
                    .hasMessage("the service fails");
            stand.emit("k", 3);
            Await.until("what was committed has arrived", () -> Numbers.isPublished(broker, 3));
            assertThat(relay.shards()).isEqualTo(64);
        }
        assertThat(Numbers.published(broker, "k")).containsExactly(1, 3);
    }

    @Test
    void howFarItIsBehindIsMeasured() throws Exception {
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        broker.refuse(event -> Numbers.of(event) == 1);
        try (OutboxRelay relay = stand.relay(broker)
                .lease(Duration.ofSeconds(1))
                .meterRegistry(meters)
                .build()
                .start()) {
            stand.emit("k", 1);
            stand.emit("k", 2);
            Await.until(
                    "two are parked and none is open",
                    () -> meters.get(RelayMeterNames.PARKED_NOW).gauge().value() == 2
                            && meters.get(RelayMeterNames.DEPTH).gauge().value() == 0);
            assertThat(meters.get(RelayMeterNames.SHARDS).gauge().value()).isEqualTo(64);
            assertThat(meters.get(RelayMeterNames.DEAD_NOW).gauge().value()).isZero();
            assertThat(relay.shards()).isEqualTo(64);
        }
    }

    @Test
    void whoHoldsVacuumBackIsToldToThoseWhoMayKnow() throws Exception {
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        String app = stand.topology().app().user();
        try (Connection report = stand.topology()
                        .connect(stand.topology().primaryUrl(), stand.topology().owner());
                Statement statement = report.createStatement();
                OutboxRelay relay = stand.relay(broker)
                        .lease(Duration.ofSeconds(1))
                        .meterRegistry(meters)
                        .build()
                        .start()) {
            Await.until("slots can be seen by anybody", () -> horizon(meters, "slot") >= 0);
            assertThat(horizon(meters, "session"))
                    .as("of a role that may not know")
                    .isNaN();
            assertThat(horizon(meters, "standby"))
                    .as("of a role that may not know")
                    .isNaN();

            report.setAutoCommit(false);
            report.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            statement.execute("SELECT 1");
            asSuperuser("GRANT pg_read_all_stats TO " + app);
            try {
                Await.until("the report is seen, from transaction to transaction", () -> {
                    stand.emit("k", 1);
                    return horizon(meters, "session") > 5;
                });
                assertThat(stand.store().outboxLog().vacuumHorizon().complete()).isTrue();
                assertThat(stand.store().outboxLog().vacuumHorizon().holders())
                        .anyMatch(holder -> holder.name()
                                .startsWith(stand.topology().owner().user() + ", pid "));
            } finally {
                asSuperuser("REVOKE pg_read_all_stats FROM " + app);
            }
            assertThat(relay.shards()).isEqualTo(64);
        }
    }

    private static double horizon(SimpleMeterRegistry meters, String kind) {
        return meters.get(RelayMeterNames.VACUUM_HORIZON)
                .tag("kind", kind)
                .gauge()
                .value();
    }

    private void asSuperuser(String sql) throws SQLException {
        try (Connection connection = stand.topology()
                        .connect(stand.topology().primaryUrl(), stand.topology().superuser());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void whoIsFarAwayIsToldByNotification() throws Exception {
        try (RelayStand writing = RelayStand.notifying();
                RoutingSagaStore elsewhere = RelayStand.storeOn(writing.topology(), writing.schema())
                        .notifyRelays()
                        .build();
                OutboxRelay relay = OutboxRelay.builder(elsewhere.outboxLog())
                        .publisher(broker)
                        .pollInterval(Duration.ofHours(1))
                        .lease(Duration.ofHours(1))
                        .build()
                        .start()) {
            Await.until("it has its shards", () -> relay.shards() == 64);
            for (int i = 0; i < 20; i++) {
                writing.emit("k", i);
                int number = i;
                Await.until("event " + i + " has arrived without a poll", () -> Numbers.isPublished(broker, number));
            }
        }
    }
}
