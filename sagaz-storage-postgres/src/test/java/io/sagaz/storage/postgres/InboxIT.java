package io.sagaz.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sagaz.storage.CausalToken;
import io.sagaz.storage.CommitOutcomeUnknownException;
import io.sagaz.storage.InboxDelivery;
import io.sagaz.storage.InboxResult;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.PermanentStoreException;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.TransientStoreException;
import io.sagaz.testkit.Await;
import io.sagaz.testkit.TcpProxy;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Events are delivered twice, at once, and to those who fail; each has its effect once. */
class InboxIT {
    private static final String PAGE = "docs/outbox/inbox.md";

    private final String schema = Stand.newSchemaWith("effects (n text)", "notes (n text)");
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private RoutingSagaStore store;
    private ConsumerInbox inbox;

    @BeforeAll
    static void makeTheTableOfTheSamples() {
        Stand.addTable("public", "invoices (n text)");
    }

    @AfterAll
    static void dropIt() {
        Stand.run(Stand.topology().primaryUrl(), Stand.topology().owner(), "DROP TABLE public.invoices");
    }

    @BeforeEach
    void open() {
        Stand.run(Stand.topology().primaryUrl(), Stand.topology().owner(), "TRUNCATE public.invoices");
        // Without maintenance, so that rows are forgotten when the tests say so.
        store = Stand.builder(schema)
                .meterRegistry(meters)
                .partitions(PartitionPolicy.leftToOthers())
                .build();
        inbox = store.inbox("billing");
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void anEventIsHandledOnceAndLaterDeliveriesGetItsResult() throws SQLException {
        InboxDelivery delivery = delivery().topic("orders").type("OrderPlaced").keepPayload("{\"order\": 42}");
        SagaId saga = SagaId.next();

        assertThat(inbox.process(delivery, tx -> {
                    effect(tx.connection(), "x");
                    tx.start(NewSaga.named("bill").id(saga));
                    tx.emit(List.of(OutboxEvent.to("invoices")));
                    return Optional.of("{\"a\":1}");
                }))
                .isEqualTo(new InboxResult.Processed(Optional.of("{\"a\":1}")));
        assertThat(held()).isEqualTo("1 effects, 1 rows, 1 sagas, 1 events");
        assertThat(Stand.texts(
                        "SELECT concat_ws('|', consumer_name, event_id, source_topic, event_type, payload, result,"
                                + " causal_token) FROM " + schema + ".consumer_inbox"))
                .containsExactly("billing|" + delivery.eventId() + "|orders|OrderPlaced|{\"order\": 42}|{\"a\": 1}");

        InboxResult again = inbox.process(delivery, InboxIT::mustNotBeCalled);
        assertThat(again).isInstanceOf(InboxResult.Duplicate.class);
        assertThat(again.result()).contains("{\"a\": 1}");
        assertThat(((InboxResult.Duplicate) again).processedAt().toString())
                .isEqualTo(Stand.texts("SELECT to_char(processed_at AT TIME ZONE 'UTC',"
                                + " 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') FROM " + schema + ".consumer_inbox")
                        .get(0));
        assertThat(held()).isEqualTo("1 effects, 1 rows, 1 sagas, 1 events");
        assertThat(store.reads(ReadConsistency.strong()).find(saga).value()).isPresent();
    }

    @Test
    void ofFiftyDeliveriesAtOnceToTwoInstancesOneHasAnEffect() throws Exception {
        InboxDelivery delivery = delivery();
        try (RoutingSagaStore first = wide();
                RoutingSagaStore second = wide()) {
            AtomicInteger turn = new AtomicInteger();
            AtomicInteger called = new AtomicInteger();
            List<InboxResult> results = Together.run(50, () -> {
                RoutingSagaStore instance = turn.incrementAndGet() % 2 == 0 ? first : second;
                return instance.inbox("billing").process(delivery, tx -> {
                    called.incrementAndGet();
                    effect(tx.connection(), "x");
                    return Optional.of("\"done\"");
                });
            });

            assertThat(called).hasValue(1);
            assertThat(results)
                    .filteredOn(InboxResult.Processed.class::isInstance)
                    .hasSize(1);
            assertThat(results)
                    .filteredOn(InboxResult.Duplicate.class::isInstance)
                    .hasSize(49);
            assertThat(results).extracting(InboxResult::result).containsOnly(Optional.of("\"done\""));
            assertThat(held()).isEqualTo("1 effects, 1 rows, 0 sagas, 0 events");
        }
    }

    private RoutingSagaStore wide() {
        return RoutingSagaStore.builder()
                .write(Stand.write().maximumSize(25).connectionTimeout(Duration.ofSeconds(30)))
                .direct(Stand.direct())
                .schema(schema)
                .build();
    }

    @Test
    void whoeverWaitsSeesADuplicateOrHandlesTheEventIfTheFirstIsRolledBack() throws Exception {
        for (boolean firstFails : new boolean[] {false, true}) {
            InboxDelivery delivery = delivery();
            CountDownLatch isIn = new CountDownLatch(1);
            CountDownLatch goOn = new CountDownLatch(1);
            try (RoutingSagaStore other = Stand.builder(schema).build()) {
                ExecutorService executor = Executors.newFixedThreadPool(2);
                try {
                    Future<InboxResult> first = executor.submit(() -> inbox.process(delivery, tx -> {
                        effect(tx.connection(), "first");
                        isIn.countDown();
                        goOn.await();
                        if (firstFails) {
                            throw new IOException("no");
                        }
                        return Optional.of("1");
                    }));
                    isIn.await();
                    Future<InboxResult> second =
                            executor.submit(() -> other.inbox("billing").process(delivery, tx -> {
                                effect(tx.connection(), "second");
                                return Optional.of("2");
                            }));
                    Await.until("the second waits for the first", () -> waitingForTransactions() == 1);
                    assertThat(second).isNotDone();

                    goOn.countDown();

                    if (firstFails) {
                        assertThatThrownBy(first::get).hasRootCauseInstanceOf(IOException.class);
                        assertThat(second.get()).isEqualTo(new InboxResult.Processed(Optional.of("2")));
                    } else {
                        assertThat(first.get()).isEqualTo(new InboxResult.Processed(Optional.of("1")));
                        assertThat(second.get()).isInstanceOf(InboxResult.Duplicate.class);
                        assertThat(second.get().result()).contains("1");
                    }
                } finally {
                    executor.shutdownNow();
                }
            }
        }
        assertThat(Stand.texts("SELECT n FROM " + schema + ".effects ORDER BY 1"))
                .containsExactly("first", "second");
    }

    @Test
    void aWaitForAnotherDeliveryEndsOnTheServerAndIsNotTheHandlersLimit() throws Exception {
        InboxDelivery delivery = delivery();
        try (RoutingSagaStore hasty = Stand.builder(schema)
                        .writeTimeout(Duration.ofMillis(200))
                        .build();
                Connection holder = theirConnection()) {
            inbox.process(holder, delivery, tx -> Optional.empty());

            assertThatThrownBy(() -> hasty.inbox("billing").process(delivery, InboxIT::mustNotBeCalled))
                    .isInstanceOf(TransientStoreException.class)
                    .hasMessageContaining("55P03")
                    .hasMessageContaining("nothing was written");
            holder.rollback();
            String limit = hasty.inTransaction(tx -> value(tx.connection(), "SHOW lock_timeout"));
            List<String> inHandler = new ArrayList<>();
            assertThat(hasty.inbox("billing").process(delivery, tx -> {
                        inHandler.add(value(tx.connection(), "SHOW lock_timeout"));
                        return Optional.empty();
                    }))
                    .isInstanceOf(InboxResult.Processed.class);
            assertThat(inHandler).containsExactly(limit);
        }
    }

    @Test
    void afterTheHandlerHasFailedTheEventIsDeliveredAgain() throws Exception {
        InboxDelivery delivery = delivery();
        IOException thrown = new IOException("the bank is closed");

        assertThatThrownBy(() -> inbox.process(delivery, tx -> {
                    effect(tx.connection(), "x");
                    tx.emit(List.of(OutboxEvent.to("t")));
                    throw thrown;
                }))
                .isSameAs(thrown);
        assertThat(held()).isEqualTo("0 effects, 0 rows, 0 sagas, 0 events");

        assertThat(inbox.process(delivery, tx -> {
                    effect(tx.connection(), "x");
                    return Optional.empty();
                }))
                .isEqualTo(new InboxResult.Processed(Optional.empty()));
        InboxResult duplicate = inbox.process(delivery, InboxIT::mustNotBeCalled);
        assertThat(duplicate.result()).isEmpty();
        assertThat(held()).isEqualTo("1 effects, 1 rows, 0 sagas, 0 events");
    }

    @Test
    void whenTheBackendIsKilledInTheMiddleNothingStaysAndTheNextDeliveryHandlesTheEvent() throws Exception {
        InboxDelivery delivery = delivery();

        assertThatThrownBy(() -> inbox.process(delivery, tx -> {
                    effect(tx.connection(), "x");
                    terminate(value(tx.connection(), "SELECT pg_backend_pid()"));
                    return Optional.of("1");
                }))
                .isInstanceOf(TransientStoreException.class);
        assertThat(held()).isEqualTo("0 effects, 0 rows, 0 sagas, 0 events");

        assertThat(inbox.process(delivery, tx -> {
                    effect(tx.connection(), "x");
                    return Optional.of("1");
                }))
                .isInstanceOf(InboxResult.Processed.class);
        assertThat(inbox.process(delivery, InboxIT::mustNotBeCalled)).isInstanceOf(InboxResult.Duplicate.class);
        assertThat(held()).isEqualTo("1 effects, 1 rows, 0 sagas, 0 events");
    }

    @Test
    void aCommitThatLostItsAnswerIsFoundByTheRowOfTheInbox() throws Exception {
        try (TcpProxy network = TcpProxy.to(Stand.topology().rwUrl());
                RoutingSagaStore far = far(network)) {
            InboxDelivery kept = delivery();
            assertThat(far.inbox("billing").process(kept, tx -> {
                        effect(tx.connection(), "kept");
                        network.loseNextAnswer();
                        return Optional.empty();
                    }))
                    .isEqualTo(new InboxResult.Processed(Optional.empty()));
            assertThat(network.cuts()).isEqualTo(1);

            InboxDelivery lost = delivery();
            assertThatThrownBy(() -> far.inbox("billing").process(lost, tx -> {
                        effect(tx.connection(), "lost");
                        network.cut();
                        return Optional.empty();
                    }))
                    .isInstanceOf(TransientStoreException.class)
                    .hasMessageContaining("rolled back");
            assertThat(Stand.texts("SELECT n FROM " + schema + ".effects")).containsExactly("kept");
        }
    }

    /** What the first delivery did not commit, another one has: that row proves nothing for the first. */
    @Test
    void theRowOfAnotherDeliveryDoesNotProveACommit() throws Exception {
        try (TcpProxy network = TcpProxy.to(Stand.topology().rwUrl());
                RoutingSagaStore far = far(network)) {
            InboxDelivery delivery = delivery();
            assertThatThrownBy(() -> far.inbox("billing").process(delivery, tx -> {
                        effect(tx.connection(), "lost");
                        terminate(value(tx.connection(), "SELECT pg_backend_pid()"));
                        inbox.process(delivery, other -> {
                            effect(other.connection(), "other");
                            return Optional.empty();
                        });
                        return Optional.empty();
                    }))
                    .isInstanceOfAny(TransientStoreException.class, CommitOutcomeUnknownException.class);
            assertThat(Stand.texts("SELECT n FROM " + schema + ".effects")).containsExactly("other");
        }
    }

    @Test
    void aDuplicateIsCertainWhateverBecomesOfItsCommit() throws Exception {
        try (TcpProxy network = TcpProxy.to(Stand.topology().rwUrl());
                RoutingSagaStore far = far(network)) {
            InboxDelivery delivery = delivery();
            far.inbox("billing").process(delivery, tx -> Optional.empty());
            int certain = 0;
            // Whichever it is: the pool's question, the call of the inbox, the commit.
            for (int request = 0; request < 4; request++) {
                int cuts = network.cuts();
                network.loseAnswerAfter(request);
                try {
                    assertThat(far.inbox("billing").process(delivery, InboxIT::mustNotBeCalled))
                            .isInstanceOf(InboxResult.Duplicate.class);
                    certain += network.cuts() - cuts;
                } catch (TransientStoreException e) {
                    assertThat(e).hasMessageContaining("nothing was written");
                }
            }
            assertThat(certain).as("answers in spite of a loss").isPositive();
        }
    }

    private RoutingSagaStore far(TcpProxy network) {
        return RoutingSagaStore.builder()
                .write(PoolConfig.of(
                                network.url(),
                                Stand.write().user(),
                                Stand.write().password())
                        .maximumSize(1))
                .direct(Stand.direct())
                .schema(schema)
                .build();
    }

    @Test
    void twoConsumersHandleTheSameEvent() throws Exception {
        InboxDelivery delivery = delivery();
        ConsumerInbox shipping = store.inbox("shipping");
        assertThat(List.of(inbox.consumer(), shipping.consumer())).containsExactly("billing", "shipping");
        for (ConsumerInbox each : List.of(inbox, shipping)) {
            assertThat(each.process(delivery, tx -> {
                        effect(tx.connection(), each.consumer());
                        return Optional.empty();
                    }))
                    .isInstanceOf(InboxResult.Processed.class);
            assertThat(each.process(delivery, InboxIT::mustNotBeCalled)).isInstanceOf(InboxResult.Duplicate.class);
        }
        assertThat(Stand.texts("SELECT n FROM " + schema + ".effects ORDER BY 1"))
                .containsExactly("billing", "shipping");
    }

    @Test
    void inATransactionOfTheCallersTheEventIsHandledWhenTheCallerCommits() throws Exception {
        InboxDelivery delivery = delivery();
        try (Connection connection = theirConnection()) {
            for (boolean commits : new boolean[] {false, true}) {
                note(connection, "theirs");
                assertThat(inbox.process(connection, delivery, tx -> {
                            effect(tx.connection(), "x");
                            tx.emit(List.of(OutboxEvent.to("t")));
                            return Optional.of("7");
                        }))
                        .isEqualTo(new InboxResult.Processed(Optional.of("7")));
                if (commits) {
                    connection.commit();
                } else {
                    connection.rollback();
                }
            }
            assertThat(held()).isEqualTo("1 effects, 1 rows, 0 sagas, 1 events");

            note(connection, "beside a duplicate");
            assertThat(inbox.process(connection, delivery, InboxIT::mustNotBeCalled)
                            .result())
                    .contains("7");
            note(connection, "behind a duplicate");
            connection.commit();
            assertThat(Stand.texts("SELECT n FROM " + schema + ".notes"))
                    .containsExactly("theirs", "beside a duplicate", "behind a duplicate");
        }
    }

    @Test
    void whoSwallowsTheExceptionOfAHandlerAndCommitsHasNotHandledTheEvent() throws Exception {
        InboxDelivery delivery = delivery();
        try (Connection connection = theirConnection()) {
            note(connection, "before");
            assertThatThrownBy(() -> inbox.process(connection, delivery, tx -> {
                        effect(tx.connection(), "half");
                        throw new IOException("no");
                    }))
                    .isInstanceOf(IOException.class);
            assertThatThrownBy(() -> inbox.process(connection, delivery, tx -> {
                        effect(tx.connection(), "half");
                        execute(tx.connection(), "SELECT 1 / 0");
                        return Optional.empty();
                    }))
                    .isInstanceOf(SQLException.class);
            assertThatThrownBy(() -> inbox.process(connection, delivery, tx -> {
                        effect(tx.connection(), "half");
                        assertThatThrownBy(() -> execute(tx.connection(), "SELECT 1 / 0"))
                                .isInstanceOf(SQLException.class);
                        return Optional.empty();
                    }))
                    .isInstanceOf(PermanentStoreException.class)
                    .hasMessageContaining("its error was not passed on");
            assertThatThrownBy(() -> inbox.process(connection, delivery, tx -> {
                        tx.connection().commit();
                        return Optional.empty();
                    }))
                    .isInstanceOf(IllegalStateException.class);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> inbox.process(connection, delivery, tx -> {
                        effect(tx.connection(), "half");
                        return Optional.of("no JSON");
                    }))
                    .withMessageContaining("the result of an InboxHandler must be JSON");
            note(connection, "after");
            connection.commit();
        }
        assertThat(Stand.texts("SELECT n FROM " + schema + ".notes")).containsExactly("before", "after");
        assertThat(held()).isEqualTo("0 effects, 0 rows, 0 sagas, 0 events");

        inbox.process(delivery, tx -> {
            effect(tx.connection(), "whole");
            return Optional.empty();
        });
        assertThat(held()).isEqualTo("1 effects, 1 rows, 0 sagas, 0 events");
    }

    @Test
    void severalEventsOfOneTransactionAndOneWithinAnotherAreKeptApart() throws Exception {
        InboxDelivery outer = delivery();
        InboxDelivery inner = delivery();
        try (Connection connection = theirConnection()) {
            for (int i = 0; i < 100; i++) {
                assertThat(inbox.process(connection, delivery(), tx -> Optional.empty()))
                        .isInstanceOf(InboxResult.Processed.class);
            }
            inbox.process(connection, outer, tx -> {
                assertThatThrownBy(() -> inbox.process(connection, inner, within -> {
                            effect(within.connection(), "undone");
                            throw new IOException("no");
                        }))
                        .isInstanceOf(IOException.class);
                effect(tx.connection(), "outer");
                assertThat(inbox.process(connection, outer, InboxIT::mustNotBeCalled))
                        .as("of its own transaction")
                        .isInstanceOf(InboxResult.Duplicate.class);
                return Optional.of("1");
            });
            connection.commit();
        }
        assertThat(held()).isEqualTo("1 effects, 101 rows, 0 sagas, 0 events");
    }

    @Test
    void whereTheRowWouldBeCommittedWithoutTheHandlerNothingIsSent() throws Exception {
        InboxDelivery delivery = delivery();
        try (Connection connection = theirConnection()) {
            connection.setAutoCommit(true);
            assertThatExceptionOfType(IllegalStateException.class)
                    .isThrownBy(() -> inbox.process(connection, delivery, InboxIT::mustNotBeCalled))
                    .withMessageContaining("in autocommit")
                    .withMessageContaining("setAutoCommit(false)");
            execute(connection, "BEGIN");
            assertThat(inbox.process(connection, delivery, tx -> Optional.empty()))
                    .as("begun by a statement")
                    .isInstanceOf(InboxResult.Processed.class);
            execute(connection, "ROLLBACK");

            connection.setAutoCommit(false);
            assertThatThrownBy(() -> execute(connection, "SELECT 1 / 0")).isInstanceOf(SQLException.class);
            assertThatExceptionOfType(IllegalStateException.class)
                    .isThrownBy(() -> inbox.process(connection, delivery, InboxIT::mustNotBeCalled))
                    .withMessageContaining("has failed before");
            connection.rollback();
        }
        assertThat(held()).isEqualTo("0 effects, 0 rows, 0 sagas, 0 events");
    }

    @Test
    void aTransactionWithOneSnapshotIsToldToTryAgainWhenItCannotSeeTheDuplicate() throws Exception {
        InboxDelivery delivery = delivery();
        try (Connection connection = theirConnection()) {
            execute(connection, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
            execute(connection, "SELECT 1");
            inbox.process(delivery, tx -> Optional.empty());

            assertThatThrownBy(() -> inbox.process(connection, delivery, InboxIT::mustNotBeCalled))
                    .isInstanceOf(TransientStoreException.class)
                    .hasMessageContaining("40001");
            connection.rollback();
            execute(connection, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
            assertThat(inbox.process(connection, delivery, InboxIT::mustNotBeCalled))
                    .isInstanceOf(InboxResult.Duplicate.class);
            connection.rollback();
        }
    }

    /** Whoever was given a token reads what the author of the event had written, also from a replica. */
    @Test
    void theTokenRidesWithTheEvent() throws Exception {
        SagaId saga = store.start(NewSaga.named("order")).id();
        CausalToken token = store.causalToken();
        InboxDelivery delivery =
                delivery().headers(Map.of(InboxDelivery.CAUSAL_TOKEN_HEADER, token.toString(), "a", "b"));
        assertThat(delivery.token()).contains(token);
        assertThat(delivery.consistency()).isEqualTo(ReadConsistency.atLeast(token));

        assertThat(inbox.process(
                        delivery,
                        tx -> Optional.of(Boolean.toString(store.reads(delivery.consistency())
                                .find(saga)
                                .value()
                                .isPresent()))))
                .isEqualTo(new InboxResult.Processed(Optional.of("true")));
        assertThat(Stand.texts("SELECT causal_token FROM " + schema + ".consumer_inbox"))
                .containsExactly(token.toString());

        for (Map<String, String> headers :
                List.of(Map.<String, String>of(), Map.of(InboxDelivery.CAUSAL_TOKEN_HEADER, "no token"))) {
            InboxDelivery without = delivery().headers(headers);
            assertThat(without.token()).isEmpty();
            assertThat(without.consistency()).isEqualTo(ReadConsistency.strong());
        }
    }

    @Test
    void ofAnEventOlderThanTheInboxRemembersNobodyKnowsWhetherItWasHandled() throws Exception {
        InboxDelivery old = InboxDelivery.of(idOf(Duration.ofDays(91)));
        InboxDelivery young = InboxDelivery.of(idOf(Duration.ofDays(89)));
        InboxDelivery timeless = InboxDelivery.of(new UUID(0, 0));
        assertThat(inbox.process(young, tx -> Optional.empty())).isInstanceOf(InboxResult.Processed.class);
        assertThat(inbox.process(timeless, tx -> Optional.empty())).isInstanceOf(InboxResult.Processed.class);

        assertThatThrownBy(() -> inbox.process(old, InboxIT::mustNotBeCalled))
                .isInstanceOf(PermanentStoreException.class)
                .hasMessageContaining(old.eventId().toString())
                .hasMessageContaining("made more than 90 days ago")
                .hasMessageContaining("consumer \"billing\"")
                .hasMessageContaining("InboxDelivery.evenIfOld()");
        try (Connection connection = theirConnection()) {
            note(connection, "beside it");
            assertThatThrownBy(() -> inbox.process(connection, old, InboxIT::mustNotBeCalled))
                    .isInstanceOf(PermanentStoreException.class);
            connection.commit();
        }
        assertThat(Stand.texts("SELECT n FROM " + schema + ".notes")).containsExactly("beside it");

        assertThat(inbox.process(old.evenIfOld(), tx -> Optional.empty())).isInstanceOf(InboxResult.Processed.class);
        assertThat(inbox.process(old, InboxIT::mustNotBeCalled))
                .as("of what it remembers it knows")
                .isInstanceOf(InboxResult.Duplicate.class);

        InboxDelivery twoWeeks = InboxDelivery.of(idOf(Duration.ofDays(14)));
        Stand.run(
                Stand.topology().primaryUrl(),
                Stand.topology().owner(),
                "UPDATE " + schema
                        + ".partition_settings SET retention = '10 days' WHERE table_name = 'consumer_inbox'");
        assertThatThrownBy(() -> inbox.process(twoWeeks, InboxIT::mustNotBeCalled))
                .hasMessageContaining("made more than 10 days ago");
    }

    /** After the window a row is forgotten, and an identifier without a time cannot tell that it was handled. */
    @Test
    void whatWasForgottenIsHandledAgain() throws Exception {
        InboxDelivery delivery = delivery();
        inbox.process(delivery, tx -> Optional.empty());
        Stand.run(
                Stand.topology().primaryUrl(),
                Stand.topology().owner(),
                "UPDATE " + schema + ".consumer_inbox SET processed_at = now() - interval '91 days'");
        assertThat(inbox.process(delivery, InboxIT::mustNotBeCalled)).isInstanceOf(InboxResult.Duplicate.class);

        assertThat(Stand.count("SELECT " + schema + ".cleanup_consumer_inbox()"))
                .isEqualTo(1);

        assertThat(inbox.process(delivery, tx -> Optional.empty())).isInstanceOf(InboxResult.Processed.class);
    }

    @Test
    void aDeliveryThatMeetsItsRowBeingForgottenWaitsAndIsHandled() throws Exception {
        InboxDelivery delivery = delivery();
        inbox.process(delivery, tx -> Optional.empty());
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try (Connection owner = Stand.asOwner()) {
            owner.setAutoCommit(false);
            execute(owner, "UPDATE " + schema + ".consumer_inbox SET processed_at = '2020-01-01Z'");
            owner.commit();
            execute(owner, "SELECT " + schema + ".cleanup_consumer_inbox()");
            Future<InboxResult> again = executor.submit(() -> inbox.process(delivery, tx -> Optional.of("2")));
            Await.until("it waits for the deletion", () -> waitingForTransactions() == 1);

            owner.commit();

            assertThat(again.get()).isEqualTo(new InboxResult.Processed(Optional.of("2")));
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void metersTellWhatWasHandledAndWhatCameAgain() throws Exception {
        InboxDelivery delivery = delivery().type("OrderPlaced");
        inbox.process(delivery, tx -> Optional.empty());
        inbox.process(delivery, InboxIT::mustNotBeCalled);
        inbox.process(delivery, InboxIT::mustNotBeCalled);
        try (Connection connection = theirConnection()) {
            inbox.process(connection, delivery(), tx -> Optional.empty());
            connection.commit();
        }
        assertThatThrownBy(() -> inbox.process(delivery(), tx -> {
                    throw new IOException();
                }))
                .isInstanceOf(IOException.class);

        assertThat(meter("consumer.inbox.processed", "OrderPlaced")).isEqualTo(1);
        assertThat(meter("consumer.inbox.duplicates", "OrderPlaced")).isEqualTo(2);
        assertThat(meter("consumer.inbox.processed", "none")).isEqualTo(1);
        assertThat(meters.get(StoreMeterNames.INBOX_PROCESSING)
                        .tags("consumer_name", "billing", "event_type", "OrderPlaced")
                        .timer()
                        .count())
                .isEqualTo(1);
    }

    private double meter(String name, String type) {
        return meters.get(name)
                .tags("consumer_name", "billing", "event_type", type)
                .counter()
                .count();
    }

    @Test
    void whatIsTooLargeOrNoJsonIsRefusedBeforeAnythingIsSentOrUndone() throws Exception {
        try (RoutingSagaStore small = Stand.builder(schema)
                .sizeLimits(SizeLimits.DEFAULT.withDocumentBytes(100))
                .build()) {
            String large = "\"" + "x".repeat(100) + "\"";
            assertThatIllegalArgumentException()
                    .isThrownBy(() ->
                            small.inbox("billing").process(delivery().keepPayload(large), InboxIT::mustNotBeCalled))
                    .withMessageContaining("InboxDelivery.payload must have at most 100 bytes");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> small.inbox("billing").process(delivery(), tx -> {
                        effect(tx.connection(), "x");
                        return Optional.of(large);
                    }))
                    .withMessageContaining("the result of an InboxHandler must have at most 100 bytes");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> inbox.process(delivery().keepPayload("{"), InboxIT::mustNotBeCalled))
                    .withMessageContaining("InboxDelivery.payload must be JSON");
        }
        assertThat(held()).isEqualTo("0 effects, 0 rows, 0 sagas, 0 events");
    }

    @Test
    @SuppressWarnings("NullAway")
    void badArgumentsAreRefused() throws Exception {
        refused("RoutingSagaStore.inbox consumer must not be null", () -> store.inbox(null));
        refused("RoutingSagaStore.inbox consumer must not be blank", () -> store.inbox(" "));
        refused("consumer must have at most 255 characters but has 256", () -> store.inbox("n".repeat(256)));
        refused("consumer must not contain U+0000", () -> store.inbox("a\0b"));
        refused("delivery must not be null", () -> inbox.process(null, InboxIT::mustNotBeCalled));
        refused("handler must not be null", () -> inbox.process(delivery(), null));
        refused("connection must not be null", () -> inbox.process(null, delivery(), InboxIT::mustNotBeCalled));
        refused("the result of handler must not be null", () -> inbox.process(delivery(), tx -> null));
        try (Connection connection = theirConnection()) {
            refused("delivery must not be null", () -> inbox.process(connection, null, InboxIT::mustNotBeCalled));
            refused("handler must not be null", () -> inbox.process(connection, delivery(), null));
            refused("the result of handler must not be null", () -> inbox.process(connection, delivery(), tx -> null));
            connection.commit();
        }
        assertThat(held()).isEqualTo("0 effects, 0 rows, 0 sagas, 0 events");
    }

    private static void refused(String why, Callable<?> call) {
        assertThatIllegalArgumentException().isThrownBy(call::call).withMessageContaining(why);
    }

    @Test
    void thePageShowsTheSamplesThatRun() throws Exception {
        assertThat(Sample.page(PAGE))
                .contains(Sample.of(InboxExample.class))
                .contains(Sample.of(InboxJoinExample.class));

        InboxExample.Message message =
                new InboxExample.Message(UUID.randomUUID(), "orders", "OrderPlaced", Map.of(), "42");
        assertThat(InboxExample.run(store, message)).isInstanceOf(InboxResult.Processed.class);
        assertThat(InboxExample.run(store, message)).isInstanceOf(InboxResult.Duplicate.class);
        assertThat(Stand.count("SELECT count(*) FROM " + schema + ".saga_outbox WHERE topic = 'invoices'"))
                .isEqualTo(1);
        InboxDelivery delivery = delivery();
        try (HikariDataSource theirs = new HikariDataSource()) {
            theirs.setJdbcUrl(Stand.topology().rwUrl());
            theirs.setUsername(Stand.topology().app().user());
            theirs.setPassword(Stand.topology().app().password());
            assertThat(InboxJoinExample.run(inbox, theirs, delivery)).isInstanceOf(InboxResult.Processed.class);
            assertThat(InboxJoinExample.run(inbox, theirs, delivery)).isInstanceOf(InboxResult.Duplicate.class);
        }
        assertThat(Stand.texts("SELECT n FROM public.invoices ORDER BY 1")).containsExactly("42", "7");
    }

    private static Optional<String> mustNotBeCalled(StoreTransaction transaction) {
        throw new AssertionError("The handler was called in " + transaction);
    }

    private static InboxDelivery delivery() {
        return InboxDelivery.of(UUID.randomUUID());
    }

    private static UUID idOf(Duration ago) {
        return SagaId.next(Clock.fixed(Instant.now().minus(ago), ZoneOffset.UTC))
                .value();
    }

    /** Through PgBouncer, in a transaction. */
    private static Connection theirConnection() throws SQLException {
        Connection connection = Stand.topology()
                .connect(Stand.topology().rwUrl(), Stand.topology().app());
        connection.setAutoCommit(false);
        return connection;
    }

    private void effect(Connection connection, String what) throws SQLException {
        execute(connection, "INSERT INTO " + schema + ".effects VALUES ('" + what + "')");
    }

    private void note(Connection connection, String what) throws SQLException {
        execute(connection, "INSERT INTO " + schema + ".notes VALUES ('" + what + "')");
    }

    private static void terminate(String backend) throws SQLException {
        try (Connection superuser = Stand.topology()
                .connect(Stand.topology().primaryUrl(), Stand.topology().superuser())) {
            execute(superuser, "SELECT pg_terminate_backend(" + backend + ")");
        }
        Await.until(
                "the backend is gone",
                () -> Stand.count("SELECT count(*) FROM pg_stat_activity WHERE pid = " + backend) == 0);
    }

    private static long waitingForTransactions() throws SQLException {
        return Stand.count("SELECT count(*) FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted");
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String value(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    private String held() throws SQLException {
        return Stand.texts(
                        ("SELECT format('%s effects, %s rows, %s sagas, %s events', (SELECT count(*) FROM S.effects),"
                                        + " (SELECT count(*) FROM S.consumer_inbox), (SELECT count(*) FROM S.saga_executions),"
                                        + " (SELECT count(*) FROM S.saga_outbox))")
                                .replace("S.", schema + '.'))
                .get(0);
    }
}
