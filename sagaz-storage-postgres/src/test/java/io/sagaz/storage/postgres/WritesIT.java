package io.sagaz.storage.postgres;

import static io.sagaz.storage.SagaStatus.COMPENSATED;
import static io.sagaz.storage.SagaStatus.COMPENSATING;
import static io.sagaz.storage.SagaStatus.PENDING;
import static io.sagaz.storage.SagaStatus.RUNNING;
import static io.sagaz.storage.SagaStatus.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.sagaz.storage.ChangeResult;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.PermanentStoreException;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.Saga;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.SagaStep;
import io.sagaz.storage.StartResult;
import io.sagaz.storage.StepStatus;
import io.sagaz.storage.TransientStoreException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class WritesIT {
    private static String schema;
    private static RoutingSagaStore store;

    @BeforeAll
    static void open() {
        schema = Stand.newSchema();
        store = Stand.builder(schema).build();
    }

    @AfterAll
    static void close() {
        store.close();
    }

    @Test
    void aStartedSagaIsThereWithItsStepsAndEvents() throws SQLException {
        NewSaga order = NewSaga.named("order")
                .steps("reserve", "charge", "ship")
                .context("{\"total\": 10}")
                .idempotencyKey("order-1")
                .emit(OutboxEvent.to("orders")
                        .type("OrderPlaced")
                        .key("1")
                        .header("trace", "a")
                        .json("{\"n\": 1}"))
                .emit(OutboxEvent.to("orders"));

        assertThat(store.start(order)).isEqualTo(new StartResult.Started(order.id(), 1));

        Saga saga = find(order.id());
        assertThat(saga.status()).isEqualTo(PENDING);
        assertThat(saga.version()).isEqualTo(1);
        assertThat(saga.summary().name()).isEqualTo("order");
        assertThat(saga.context()).isEqualTo("{\"total\": 10}");
        assertThat(saga.idempotencyKey()).contains("order-1");
        assertThat(saga.steps())
                .extracting(SagaStep::name, SagaStep::index, SagaStep::status)
                .containsExactly(
                        tuple("reserve", 0, StepStatus.PENDING),
                        tuple("charge", 1, StepStatus.PENDING),
                        tuple("ship", 2, StepStatus.PENDING));
        assertThat(events("saga_id = '" + order.id() + "' AND partition_key = '1' AND event_type = 'OrderPlaced'"
                        + " AND payload = '{\"n\": 1}' AND headers = '{\"trace\": \"a\"}' AND topic = 'orders'"))
                .isEqualTo(1);
        assertThat(events("partition_key = '" + order.id() + "'"))
                .as("the saga is the key of an event that has none")
                .isEqualTo(1);
    }

    @Test
    void eventsOfOneCallKeepTheirOrder() throws SQLException {
        List<OutboxEvent> events = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            events.add(OutboxEvent.to("ordered").key("k").json("" + i));
        }
        store.emit(events);

        assertThat(Stand.count(
                        "SELECT count(*) FROM (SELECT payload::text::int AS n, row_number() OVER (ORDER BY seq) - 1"
                                + " AS place FROM " + schema
                                + ".saga_outbox WHERE topic = 'ordered') e WHERE n = place"))
                .isEqualTo(200);
    }

    @Test
    void theSecondStartOfAKeyGetsTheFirstSaga() throws SQLException {
        NewSaga first = NewSaga.named("order").idempotencyKey("twice").steps("a");
        NewSaga second =
                NewSaga.named("order").idempotencyKey("twice").steps("a").emit(OutboxEvent.to("never"));

        store.start(first);
        assertThat(store.start(second)).isEqualTo(new StartResult.AlreadyStarted(first.id()));
        assertThat(store.reads(ReadConsistency.strong()).find(second.id()).value())
                .isEmpty();
        assertThat(events("topic = 'never'")).isZero();
        assertThat(store.start(NewSaga.named("other").idempotencyKey("twice")))
                .as("keys of another name are other keys")
                .isInstanceOf(StartResult.Started.class);
    }

    @Test
    void theSecondStartOfAnIdentifierWritesNothing() throws SQLException {
        NewSaga saga = NewSaga.named("order").steps("a").emit(OutboxEvent.to("once"));
        store.start(saga);
        assertThat(store.start(saga)).isEqualTo(new StartResult.AlreadyStarted(saga.id()));
        assertThat(events("topic = 'once'")).isEqualTo(1);
    }

    @Test
    void copiesOfATemplateAreSagasOfTheirOwn() throws SQLException {
        NewSaga order = NewSaga.named("template").steps("a");
        OutboxEvent placed = OutboxEvent.to("template");
        assertThat(store.start(order.context("1").emit(placed.json("1")))).isInstanceOf(StartResult.Started.class);
        assertThat(store.start(order.context("2").emit(placed.json("2")))).isInstanceOf(StartResult.Started.class);
        assertThat(events("topic = 'template'")).isEqualTo(2);
    }

    @Test
    void anIdentifierOfAnotherSagaIsRefusedAndTakesNoKey() {
        NewSaga first = NewSaga.named("order").idempotencyKey("own");
        store.start(first);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> store.start(
                        NewSaga.named("order").idempotencyKey("taken?").id(first.id())))
                .withMessageContaining("belongs to a saga named \"order\" with the idempotency key \"own\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> store.start(NewSaga.named("other").id(first.id())));
        assertThat(store.start(NewSaga.named("order").idempotencyKey("taken?")))
                .isInstanceOf(StartResult.Started.class);
    }

    @Test
    void ofManyKeysForOneIdentifierOnlyTheWinnersIsTaken() throws Exception {
        SagaId id = SagaId.next();
        AtomicInteger number = new AtomicInteger();
        List<Boolean> started = together(8, () -> {
            try {
                return store.start(NewSaga.named("many-keys")
                                .idempotencyKey("many-" + number.incrementAndGet())
                                .id(id))
                        instanceof StartResult.Started;
            } catch (IllegalArgumentException e) {
                return false;
            }
        });
        assertThat(started).containsOnlyOnce(true);
        assertThat(Stand.count(
                        "SELECT count(*) FROM " + schema + ".saga_idempotency_keys WHERE saga_name = 'many-keys'"))
                .isEqualTo(1);
    }

    @Test
    void oneEventIsNotEmittedTwice() throws SQLException {
        OutboxEvent event = OutboxEvent.to("twice");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> store.emit(List.of(event, event)))
                .withMessageContaining("stands twice");
        store.emit(List.of(event));
        assertThatThrownBy(() -> store.emit(List.of(event)))
                .isInstanceOf(PermanentStoreException.class)
                .hasMessageContaining("this very event was emitted before");
        assertThat(events("topic = 'twice'")).isEqualTo(1);
    }

    @Test
    void aCommitIsSynchronousThoughAnotherClientLeftTheSessionOtherwise() throws SQLException {
        try (Connection connection = Stand.topology()
                .connect(Stand.topology().primaryUrl(), Stand.topology().app())) {
            for (String left : new String[] {"off", "remote_apply"}) {
                execute(connection, "SET synchronous_commit = " + left);
                connection.setAutoCommit(false);
                SagaId id = store.join(connection).start(NewSaga.named("sync")).id();
                String kept = left.equals("off") ? "on" : left;
                assertThat(synchronousCommit(connection)).isEqualTo(kept);
                connection.rollback();
                store.join(connection).emit(List.of(OutboxEvent.to("sync")));
                assertThat(synchronousCommit(connection)).isEqualTo(kept);
                connection.rollback();
                store.join(connection).apply(id, 1, SagaChange.to(RUNNING));
                assertThat(synchronousCommit(connection)).isEqualTo(kept);
                connection.rollback();
                assertThat(synchronousCommit(connection))
                        .as("only for the transaction")
                        .isEqualTo(left);
                connection.setAutoCommit(true);
            }
        }
    }

    @Test
    void aTransactionWithAnOldSnapshotDoesNotPassItOffAsTheTruth() throws SQLException {
        try (Connection connection = Stand.topology()
                .connect(Stand.topology().primaryUrl(), Stand.topology().app())) {
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            connection.setAutoCommit(false);
            execute(connection, "SELECT 1");
            SagaId younger = started("a");
            assertThatThrownBy(() -> store.join(connection).apply(younger, 1, SagaChange.to(RUNNING)))
                    .isInstanceOf(TransientStoreException.class)
                    .hasMessageContaining("repeatable read");
            connection.rollback();
            assertThat(store.join(connection).apply(younger, 1, SagaChange.to(RUNNING)))
                    .isEqualTo(new ChangeResult.Applied(2, RUNNING));
            connection.commit();
        }
    }

    @Test
    void workCannotEndItsTransactionItself() {
        NewSaga saga = NewSaga.named("guarded");
        for (TransactionWork<Boolean, SQLException> end : List.<TransactionWork<Boolean, SQLException>>of(
                tx -> {
                    tx.connection().commit();
                    return true;
                },
                tx -> {
                    tx.connection().rollback();
                    return true;
                },
                tx -> {
                    tx.connection().setAutoCommit(true);
                    return true;
                },
                tx -> {
                    tx.connection().close();
                    return true;
                })) {
            assertThatThrownBy(() -> store.inTransaction(tx -> {
                        tx.start(saga);
                        return end.run(tx);
                    }))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("return to commit, throw to roll back");
        }
        assertThat(store.reads(ReadConsistency.strong()).find(saga.id()).value())
                .isEmpty();
    }

    @Test
    void aSavepointUndoesAPart() throws SQLException {
        NewSaga kept = NewSaga.named("savepoint");
        NewSaga undone = NewSaga.named("savepoint");
        store.inTransaction(tx -> {
            tx.start(kept);
            Savepoint savepoint = tx.connection().setSavepoint();
            tx.start(undone);
            tx.connection().rollback(savepoint);
            return true;
        });
        assertThat(store.reads(ReadConsistency.strong()).find(kept.id()).value())
                .isPresent();
        assertThat(store.reads(ReadConsistency.strong()).find(undone.id()).value())
                .isEmpty();
    }

    @Test
    void aClosedStoreSaysSo() {
        RoutingSagaStore closed = Stand.store();
        closed.close();
        closed.close();
        assertThatThrownBy(() -> closed.start(NewSaga.named("late")))
                .isInstanceOf(PermanentStoreException.class)
                .hasMessageContaining("The store is closed");
        assertThatThrownBy(() -> closed.reads(ReadConsistency.any()).find(SagaId.next()))
                .isInstanceOf(PermanentStoreException.class)
                .hasMessageContaining("The store is closed");
    }

    @Test
    void aSagaGoesItsWayStepByStep() {
        SagaId id = started("a", "b");
        long version = store.apply(id, 1, SagaChange.to(RUNNING).andStep("a", StepStatus.RUNNING))
                .appliedVersion();
        version = store.apply(id, version, SagaChange.stepSucceeded("a", "{\"r\": 1}"))
                .appliedVersion();
        version = store.apply(id, version, SagaChange.stepStarted("b")).appliedVersion();
        version = store.apply(id, version, SagaChange.stepFailed("b", "no")).appliedVersion();
        version = store.apply(id, version, SagaChange.stepStarted("b")).appliedVersion();
        version = store.apply(
                        id,
                        version,
                        SagaChange.stepSucceeded("b", "2").andTo(SUCCESS).result("[1]"))
                .appliedVersion();

        Saga saga = find(id);
        assertThat(saga.status()).isEqualTo(SUCCESS);
        assertThat(saga.version()).isEqualTo(version).isEqualTo(7);
        assertThat(saga.result()).contains("[1]");
        assertThat(saga.summary().completedAt()).isPresent();
        SagaStep b = saga.steps().get(1);
        assertThat(b.retries()).isEqualTo(1);
        assertThat(b.error()).isEmpty();
        assertThat(b.output()).contains("2");
        assertThat(b.startedAt().orElseThrow()).isBefore(b.completedAt().orElseThrow());
        assertThat(saga.steps().get(0).output()).contains("{\"r\": 1}");
    }

    @Test
    void theAuditLogTellsOfEachChange() throws SQLException {
        SagaId id = started("a");
        store.apply(id, 1, SagaChange.to(RUNNING).andStep("a", StepStatus.RUNNING));
        store.apply(id, 1, SagaChange.to(SUCCESS));
        assertThat(Stand.count("SELECT count(*) FROM " + schema + ".saga_audit_log WHERE saga_id = '" + id + "'"))
                .as("a change that did not apply leaves no trace")
                .isEqualTo(2);
        assertThat(Stand.count("SELECT count(*) FROM " + schema + ".saga_audit_log WHERE saga_id = '" + id
                        + "' AND saga_version = 2 AND event_type = 'SAGA_CHANGED'"
                        + " AND event_data = '{\"status\": \"RUNNING\", \"steps\": {\"a\": \"RUNNING\"}}'"))
                .isEqualTo(1);
    }

    @Test
    void aSagaIsUndone() {
        SagaId id = started("a", "b");
        store.apply(id, 1, SagaChange.to(RUNNING).andStep("a", StepStatus.SUCCESS));
        store.apply(
                id,
                2,
                SagaChange.stepFailed("b", "declined").andTo(COMPENSATING).error("declined"));
        store.apply(id, 3, SagaChange.stepCompensated("a").andTo(COMPENSATED));

        Saga saga = find(id);
        assertThat(saga.status()).isEqualTo(COMPENSATED);
        assertThat(saga.error()).contains("declined");
        assertThat(saga.steps())
                .extracting(SagaStep::status)
                .containsExactly(StepStatus.COMPENSATED, StepStatus.FAILED);
    }

    @Test
    void aStepThatWasNotNamedAtTheStartComesBehindTheOthers() {
        SagaId id = started("a");
        store.apply(id, 1, SagaChange.stepStarted("x").andStep("y", StepStatus.SKIPPED));
        store.apply(
                id, 2, SagaChange.to(RUNNING).andStep("a", StepStatus.RUNNING).andStep("z", StepStatus.RUNNING));
        assertThat(find(id).steps())
                .extracting(SagaStep::name, SagaStep::index)
                .containsExactly(tuple("a", 0), tuple("x", 1), tuple("y", 2), tuple("z", 3));
    }

    @Test
    void aStaleVersionIsAConflictAndWritesNothing() throws SQLException {
        SagaId id = started("a");
        store.apply(id, 1, SagaChange.to(RUNNING));

        assertThat(store.apply(id, 1, SagaChange.stepStarted("a").emit(OutboxEvent.to("conflict"))))
                .isEqualTo(new ChangeResult.Conflict(2, RUNNING));
        assertThat(store.apply(id, 9, SagaChange.stepStarted("a"))).isEqualTo(new ChangeResult.Conflict(2, RUNNING));
        assertThat(find(id).steps().get(0).status()).isEqualTo(StepStatus.PENDING);
        assertThat(events("topic = 'conflict'")).isZero();
    }

    @Test
    void anIllegalStatusNamesBothAndWritesNothing() throws SQLException {
        SagaId id = started("a");
        assertThat(store.apply(id, 1, SagaChange.to(COMPENSATED).emit(OutboxEvent.to("illegal"))))
                .isEqualTo(new ChangeResult.IllegalSagaChange(PENDING, COMPENSATED));
        assertThat(store.apply(
                        id, 1, SagaChange.stepCompensated("a").andTo(RUNNING).emit(OutboxEvent.to("illegal"))))
                .isEqualTo(new ChangeResult.IllegalStepChange("a", StepStatus.PENDING, StepStatus.COMPENSATED));
        assertThat(find(id).version()).isEqualTo(1);
        assertThat(find(id).status()).isEqualTo(PENDING);
        assertThat(events("topic = 'illegal'")).isZero();
    }

    @Test
    void aFinishedSagaChangesNoMore() {
        SagaId id = started("a");
        store.apply(id, 1, SagaChange.to(SagaStatus.FAILED));
        assertThat(store.apply(id, 2, SagaChange.stepStarted("a")))
                .isEqualTo(new ChangeResult.IllegalSagaChange(SagaStatus.FAILED, SagaStatus.FAILED));
        assertThat(store.apply(id, 2, SagaChange.to(RUNNING)))
                .isEqualTo(new ChangeResult.IllegalSagaChange(SagaStatus.FAILED, RUNNING));
    }

    @Test
    void aSagaThatIsNotThereIsNotFound() {
        assertThat(store.apply(SagaId.next(), 1, SagaChange.to(RUNNING))).isEqualTo(new ChangeResult.NotFound());
    }

    @Test
    void everyPairOfStatusesIsDecidedAsTheTableSays() {
        for (SagaStatus from : SagaStatus.values()) {
            for (SagaStatus to : SagaStatus.values()) {
                SagaId id = started();
                long version = bring(id, from);
                ChangeResult result = store.apply(id, version, SagaChange.to(to));
                assertThat(result)
                        .isEqualTo(
                                from.canBecome(to)
                                        ? new ChangeResult.Applied(version + 1, to)
                                        : new ChangeResult.IllegalSagaChange(from, to));
            }
        }
    }

    @Test
    void badJsonIsRefusedBeforeAnythingIsSent() {
        SagaId id = started("a");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> store.start(NewSaga.named("x").context("{")))
                .withMessageStartingWith("NewSaga.context must be JSON");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> store.apply(id, 1, SagaChange.stepSucceeded("a", "\"\\u0000\"")))
                .withMessageContaining("StepChange.output of \"a\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> store.emit(List.of(OutboxEvent.to("t").json("nope"))))
                .withMessageContaining("OutboxEvent.payload for topic \"t\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> store.apply(id, 0, SagaChange.to(RUNNING)))
                .withMessage("expectedVersion must be at least 1 but is 0");
        assertThat(find(id).version()).isEqualTo(1);
    }

    @Test
    void sagaEventAndBusinessRowAreOneCommit() throws SQLException {
        Stand.addTable(schema, "orders (n int PRIMARY KEY)");
        NewSaga saga = NewSaga.named("order").steps("a").emit(OutboxEvent.to("tx"));

        StartResult result = store.inTransaction(tx -> {
            insertOrder(tx.connection(), 1);
            return tx.start(saga);
        });

        assertThat(result).isInstanceOf(StartResult.Started.class);
        assertThat(Stand.count("SELECT count(*) FROM " + schema + ".orders WHERE n = 1"))
                .isEqualTo(1);

        assertThatThrownBy(() -> store.inTransaction(tx -> {
                    insertOrder(tx.connection(), 2);
                    tx.apply(saga.id(), 1, SagaChange.to(RUNNING).emit(OutboxEvent.to("rolled-back")));
                    insertOrder(tx.connection(), 1);
                    return true;
                }))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("orders_pkey");
        assertThat(Stand.count("SELECT count(*) FROM " + schema + ".orders")).isEqualTo(1);
        assertThat(find(saga.id()).version()).isEqualTo(1);
        assertThat(events("topic = 'rolled-back'")).isZero();
    }

    @Test
    void aJoinedConnectionIsCommittedByItsOwner() throws SQLException {
        NewSaga saga = NewSaga.named("order");
        try (Connection connection = Stand.topology()
                .connect(Stand.topology().rwUrl(), Stand.topology().app())) {
            connection.setAutoCommit(false);
            assertThat(store.join(connection).start(saga)).isInstanceOf(StartResult.Started.class);
            assertThat(store.reads(ReadConsistency.strong()).find(saga.id()).value())
                    .isEmpty();
            connection.rollback();
            assertThat(store.join(connection).start(saga)).isInstanceOf(StartResult.Started.class);
            connection.commit();
        }
        assertThat(find(saga.id()).version()).isEqualTo(1);
    }

    @Test
    void theStoreLeavesNoPreparedStatementOnAJoinedConnection() throws SQLException {
        // A driver that prepares at once: behind a pooler whose owner forgot prepareThreshold=0 that would be the ruin.
        String eager = Stand.topology().primaryUrl() + "?prepareThreshold=1";
        try (Connection connection =
                Stand.topology().connect(eager, Stand.topology().app())) {
            connection.setAutoCommit(false);
            SagaId id = store.join(connection)
                    .start(NewSaga.named("order").idempotencyKey("unprepared"))
                    .id();
            store.join(connection).start(NewSaga.named("order").idempotencyKey("unprepared"));
            store.join(connection).apply(id, 1, SagaChange.to(RUNNING));
            store.join(connection).emit(List.of(OutboxEvent.to("unprepared")));
            connection.commit();
            try (PreparedStatement query = connection.prepareStatement(
                            "SELECT count(*) FILTER (WHERE statement LIKE '%saga_%'),"
                                    + " count(*) FROM pg_prepared_statements WHERE statement NOT LIKE '%pg_prepared_statements%'");
                    ResultSet row = query.executeQuery()) {
                row.next();
                assertThat(row.getInt(1)).isZero();
                assertThat(row.getInt(2))
                        .as("BEGIN, which shows that this driver does prepare")
                        .isPositive();
            }
        }
    }

    @Test
    void badInputLeavesTheJoinedTransactionUsable() throws SQLException {
        NewSaga saga = NewSaga.named("order");
        try (Connection connection = Stand.topology()
                .connect(Stand.topology().rwUrl(), Stand.topology().app())) {
            connection.setAutoCommit(false);
            assertThatIllegalArgumentException()
                    .isThrownBy(() ->
                            store.join(connection).start(NewSaga.named("x").context("{")));
            assertThat(store.join(connection).apply(SagaId.next(), 1, SagaChange.to(RUNNING)))
                    .isEqualTo(new ChangeResult.NotFound());
            store.join(connection).start(saga);
            connection.commit();
        }
        assertThat(find(saga.id())).isNotNull();
    }

    @Test
    void ofManyWhoChangeOneVersionOneWins() throws Exception {
        int rivals = 8;
        for (int round = 0; round < 10; round++) {
            SagaId id = started("a");
            List<ChangeResult> results = together(
                    rivals,
                    () -> store.apply(
                            id,
                            1,
                            SagaChange.to(RUNNING).emit(OutboxEvent.to("won").key(id.toString()))));
            assertThat(results).containsOnlyOnce(new ChangeResult.Applied(2, RUNNING));
            assertThat(results.stream().filter(r -> r.equals(new ChangeResult.Conflict(2, RUNNING))))
                    .hasSize(rivals - 1);
            assertThat(events("topic = 'won' AND partition_key = '" + id + "'")).isEqualTo(1);
        }
    }

    @Test
    void ofManyWhoStartOneKeyOneWins() throws Exception {
        int rivals = 8;
        for (int round = 0; round < 10; round++) {
            String key = "rivals-" + round;
            List<StartResult> results = together(
                    rivals,
                    () -> store.start(NewSaga.named("rivals")
                            .idempotencyKey(key)
                            .steps("a")
                            .emit(OutboxEvent.to(key))));
            Set<SagaId> ids = new HashSet<>();
            results.forEach(result -> ids.add(result.id()));
            assertThat(ids).hasSize(1);
            assertThat(results.stream().filter(StartResult.Started.class::isInstance))
                    .hasSize(1);
            assertThat(events("topic = '" + key + "'")).isEqualTo(1);
        }
    }

    private static <T> List<T> together(int threads, Callable<T> call) throws Exception {
        CyclicBarrier barrier = new CyclicBarrier(threads);
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Future<T>> futures = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                futures.add(executor.submit(() -> {
                    barrier.await();
                    return call.call();
                }));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> future : futures) {
                results.add(future.get());
            }
            return results;
        } finally {
            executor.shutdownNow();
        }
    }

    private static SagaId started(String... steps) {
        return store.start(NewSaga.named("test").steps(steps)).id();
    }

    private static long bring(SagaId id, SagaStatus status) {
        long version = 1;
        List<SagaStatus> way = switch (status) {
            case PENDING -> List.of();
            case RUNNING -> List.of(RUNNING);
            case SUCCESS -> List.of(RUNNING, SUCCESS);
            case FAILED -> List.of(SagaStatus.FAILED);
            case COMPENSATING -> List.of(RUNNING, COMPENSATING);
            case COMPENSATED -> List.of(RUNNING, COMPENSATING, COMPENSATED);
        };
        for (SagaStatus next : way) {
            version = store.apply(id, version, SagaChange.to(next)).appliedVersion();
        }
        return version;
    }

    private static Saga find(SagaId id) {
        Optional<Saga> saga = store.reads(ReadConsistency.strong()).find(id).value();
        return saga.orElseThrow();
    }

    private static long events(String condition) throws SQLException {
        return Stand.count("SELECT count(*) FROM " + schema + ".saga_outbox WHERE " + condition);
    }

    private static String synchronousCommit(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SHOW synchronous_commit");
                ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getString(1);
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.execute();
        }
    }

    private static void insertOrder(Connection connection, int n) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("INSERT INTO " + schema + ".orders VALUES (?)")) {
            statement.setInt(1, n);
            statement.executeUpdate();
        }
    }
}
