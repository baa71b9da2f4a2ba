package io.sagaz.storage.postgres;

import static io.sagaz.storage.SagaStatus.RUNNING;
import static io.sagaz.storage.SagaStatus.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sagaz.storage.ChangeResult;
import io.sagaz.storage.CommitOutcomeUnknownException;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.StartResult;
import io.sagaz.storage.TransientStoreException;
import io.sagaz.testkit.Await;
import io.sagaz.testkit.TcpProxy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The network breaks between the store and its pooler: every answer is what the database holds. */
class CertainWritesIT {
    private final String schema = Stand.newSchema();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final TcpProxy network = TcpProxy.to(Stand.topology().rwUrl());
    private RoutingSagaStore store;

    @BeforeEach
    void open() {
        store = open(Duration.ofSeconds(20));
    }

    private RoutingSagaStore open(Duration retryTimeout) {
        return RoutingSagaStore.builder()
                // One connection, so that it is this one that is lost.
                .write(PoolConfig.of(
                                network.url(),
                                Stand.write().user(),
                                Stand.write().password())
                        .maximumSize(1)
                        .connectionTimeout(Duration.ofMillis(500)))
                .direct(Stand.direct())
                .schema(schema)
                .writeTimeout(retryTimeout)
                .meterRegistry(meters)
                .build();
    }

    @AfterEach
    void close() {
        store.close();
        network.close();
    }

    @Test
    void aChangeWhoseAnswerIsLostIsDoneOnceAndAnsweredAsItIs() throws SQLException {
        SagaId id = store.start(NewSaga.named("order").steps("pay")).id();
        network.loseNextAnswer();

        ChangeResult result = store.apply(id, 1, SagaChange.to(RUNNING).emit(OutboxEvent.to("orders")));

        assertThat(result).isEqualTo(new ChangeResult.Applied(2, RUNNING));
        assertThat(network.cuts()).isEqualTo(1);
        assertThat(held(id)).isEqualTo("version 2, 2 entries, 1 events");
        assertThat(repeats("apply", "open")).isPositive();
    }

    @Test
    void aChangeThatNeverArrivedIsDoneOnce() throws SQLException {
        SagaId id = store.start(NewSaga.named("order")).id();
        network.cut();

        ChangeResult result = store.apply(id, 1, SagaChange.to(RUNNING).emit(OutboxEvent.to("orders")));

        assertThat(result).isEqualTo(new ChangeResult.Applied(2, RUNNING));
        assertThat(held(id)).isEqualTo("version 2, 2 entries, 1 events");
    }

    @Test
    void aStartWhoseAnswerIsLostIsAnsweredAsTheFirst() throws SQLException {
        for (NewSaga saga : List.of(
                NewSaga.named("order").emit(OutboxEvent.to("orders")),
                NewSaga.named("order").idempotencyKey("42").emit(OutboxEvent.to("orders")))) {
            store.emit(List.of(OutboxEvent.to("warm")));
            network.loseNextAnswer();

            assertThat(store.start(saga)).isEqualTo(new StartResult.Started(saga.id(), 1));

            assertThat(held(saga.id())).isEqualTo("version 1, 1 entries, 1 events");
            assertThat(store.start(saga)).isEqualTo(new StartResult.AlreadyStarted(saga.id()));
        }
        network.loseNextAnswer();
        assertThat(store.start(NewSaga.named("order").idempotencyKey("42")))
                .isInstanceOf(StartResult.AlreadyStarted.class);
        assertThat(repeats("start", "open")).isEqualTo(3);
    }

    @Test
    void eventsWhoseAnswerIsLostAreEmittedOnce() throws SQLException {
        store.emit(List.of(OutboxEvent.to("warm")));
        network.loseNextAnswer();

        store.emit(List.of(OutboxEvent.to("orders"), OutboxEvent.to("orders")));

        assertThat(Stand.count("SELECT count(*) FROM " + schema + ".saga_outbox WHERE topic = 'orders'"))
                .isEqualTo(2);
    }

    @Test
    void whatOthersChangedSinceDoesNotHideThatItWasDone() throws Exception {
        SagaId id = store.start(NewSaga.named("order")).id();
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try (RoutingSagaStore other = Stand.builder(schema).build()) {
            // A connection that was just used is not tried first: the answer that is lost is that of the change.
            store.emit(List.of(OutboxEvent.to("warm")));
            network.loseNextAnswer();
            network.refuse(true);
            Future<ChangeResult> first = executor.submit(() -> store.apply(id, 1, SagaChange.to(RUNNING)));
            Await.until("the change is committed", () -> versionOf(id) == 2);

            assertThat(other.apply(id, 2, SagaChange.to(SUCCESS))).isEqualTo(new ChangeResult.Applied(3, SUCCESS));
            network.refuse(false);

            assertThat(first.get()).isEqualTo(new ChangeResult.Applied(2, RUNNING));
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void whenNobodyCanBeAskedInTimeTheOutcomeIsSaidToBeUnknown() throws SQLException {
        SagaId id = store.start(NewSaga.named("order")).id();
        store.close();
        store = open(Duration.ofSeconds(1));
        store.emit(List.of(OutboxEvent.to("warm")));
        network.loseNextAnswer();
        network.refuse(true);

        assertThatThrownBy(() -> store.apply(id, 1, SagaChange.to(RUNNING)))
                .isInstanceOf(CommitOutcomeUnknownException.class)
                .hasMessageContaining("read before trying again")
                .hasMessageContaining("sagaz-rw");
        Await.until("it was done all the same", () -> versionOf(id) == 2);

        assertThatThrownBy(() -> store.apply(id, 2, SagaChange.to(SUCCESS)))
                .as("nothing was sent")
                .isInstanceOf(TransientStoreException.class);
        assertThat(versionOf(id)).isEqualTo(2);
    }

    @Test
    void aWaitForALockEndsOnTheServerBeforeThePatienceOfTheCallerDoes() throws SQLException {
        store.close();
        store = open(Duration.ofSeconds(2));
        SagaId id = store.start(NewSaga.named("order")).id();
        try (Connection holder = Stand.topology()
                .connect(Stand.topology().primaryUrl(), Stand.topology().owner())) {
            holder.setAutoCommit(false);
            try (Statement lock = holder.createStatement()) {
                lock.execute("SELECT FROM " + schema + ".saga_executions FOR UPDATE");
            }

            assertThatThrownBy(() -> store.apply(id, 1, SagaChange.to(RUNNING)))
                    .isInstanceOf(TransientStoreException.class)
                    .hasMessageContaining("55P03")
                    .hasMessageContaining("nothing was written");
            holder.rollback();
        }
        assertThat(store.apply(id, 1, SagaChange.to(RUNNING))).isEqualTo(new ChangeResult.Applied(2, RUNNING));
    }

    @Test
    void aClosedStoreDoesNotPassAnOpenOutcomeOffAsNothing() throws Exception {
        SagaId id = store.start(NewSaga.named("order")).id();
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try {
            network.loseNextAnswer();
            network.refuse(true);
            Future<ChangeResult> change = executor.submit(() -> store.apply(id, 1, SagaChange.to(RUNNING)));
            Await.until("the change is committed", () -> versionOf(id) == 2);
            Await.until("it is tried again", () -> repeats("apply", "open") > 0);

            store.close();

            assertThatThrownBy(change::get).hasCauseInstanceOf(CommitOutcomeUnknownException.class);
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void aTransactionWhoseCommitLostItsAnswerIsFoundToBeCommitted() throws SQLException {
        SagaId id = store.start(NewSaga.named("order")).id();

        long version = store.inTransaction(tx -> {
            long applied = tx.apply(id, 1, SagaChange.to(RUNNING).emit(OutboxEvent.to("orders")))
                    .appliedVersion();
            network.loseNextAnswer();
            return applied;
        });

        assertThat(version).isEqualTo(2);
        assertThat(network.cuts()).isEqualTo(1);
        assertThat(held(id)).isEqualTo("version 2, 2 entries, 1 events");

        store.inTransaction(tx -> {
            tx.emit(List.of(OutboxEvent.to("alone")));
            network.loseNextAnswer();
            return true;
        });
        assertThat(network.cuts()).isEqualTo(2);
        assertThat(Stand.count("SELECT count(*) FROM " + schema + ".saga_outbox WHERE topic = 'alone'"))
                .isEqualTo(1);
    }

    @Test
    void aTransactionWhoseCommitNeverArrivedIsFoundToBeRolledBack() throws SQLException {
        SagaId id = store.start(NewSaga.named("order")).id();

        assertThatThrownBy(() -> store.inTransaction(tx -> {
                    tx.apply(id, 1, SagaChange.to(RUNNING));
                    network.cut();
                    return true;
                }))
                .isInstanceOf(TransientStoreException.class)
                .hasMessageContaining("rolled back")
                .hasMessageContaining("nothing was written");
        assertThat(held(id)).isEqualTo("version 1, 1 entries, 0 events");
    }

    @Test
    void aCommitThatIsStillUnderWayIsWaitedFor() throws Exception {
        SagaId id = store.start(NewSaga.named("order")).id();
        Stand.addTable(schema, "slow (n integer)");
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try (Connection owner = Stand.asOwner();
                Statement statement = owner.createStatement();
                Connection superuser = Stand.topology()
                        .connect(Stand.topology().primaryUrl(), Stand.topology().superuser())) {
            statement.execute("CREATE FUNCTION " + schema + ".wait() RETURNS trigger LANGUAGE plpgsql AS"
                    + " 'BEGIN PERFORM pg_advisory_xact_lock_shared(4711); RETURN NULL; END'");
            statement.execute("GRANT EXECUTE ON FUNCTION " + schema + ".wait() TO PUBLIC");
            statement.execute("CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON " + schema
                    + ".slow DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION " + schema + ".wait()");
            statement.execute("SELECT pg_advisory_lock(4711)");
            Future<Long> version = executor.submit(() -> store.inTransaction(tx -> {
                try (Statement insert = tx.connection().createStatement()) {
                    insert.execute("INSERT INTO " + schema + ".slow VALUES (1)");
                }
                return tx.apply(id, 1, SagaChange.to(RUNNING)).appliedVersion();
            }));
            Await.until(
                    "the commit waits",
                    () -> Stand.count("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
                            == 1);
            network.cut();
            Await.until("it was asked for", () -> isAskedFor(superuser));
            assertThat(version).isNotDone();

            statement.execute("SELECT pg_advisory_unlock(4711)");

            assertThat(version.get()).isEqualTo(2);
            assertThat(versionOf(id)).isEqualTo(2);
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void whatNobodyCanTellOfACommitIsSaidToBeUnknown() throws SQLException {
        SagaId id = store.start(NewSaga.named("order")).id();
        Stand.addTable(schema, "mine (n integer)");

        assertThatThrownBy(() -> store.inTransaction(tx -> {
                    try (Statement insert = tx.connection().createStatement()) {
                        insert.execute("INSERT INTO " + schema + ".mine VALUES (1)");
                    }
                    network.loseNextAnswer();
                    return true;
                }))
                .as("no write of the store is in it")
                .isInstanceOf(CommitOutcomeUnknownException.class);
        assertThat(Stand.count("SELECT count(*) FROM " + schema + ".mine")).isEqualTo(1);

        assertThatThrownBy(() -> store.inTransaction(tx -> {
                    Savepoint before = tx.connection().setSavepoint();
                    tx.apply(id, 1, SagaChange.to(RUNNING));
                    tx.connection().rollback(before);
                    network.loseNextAnswer();
                    return true;
                }))
                .as("its only write was undone")
                .isInstanceOf(CommitOutcomeUnknownException.class);
        assertThat(versionOf(id)).isEqualTo(1);
    }

    @Test
    void anEventThatWasEmittedOnceMoreDoesNotProveTheFirstCommit() throws SQLException {
        Stand.addTable(schema, "mine (n integer)");
        OutboxEvent event = OutboxEvent.to("orders");

        assertThatThrownBy(() -> store.inTransaction(tx -> {
                    Savepoint before = tx.connection().setSavepoint();
                    tx.emit(List.of(event));
                    tx.connection().rollback(before);
                    try (RoutingSagaStore other = Stand.builder(schema).build()) {
                        other.emit(List.of(event));
                    }
                    try (Statement insert = tx.connection().createStatement()) {
                        insert.execute("INSERT INTO " + schema + ".mine VALUES (1)");
                    }
                    network.cut();
                    return true;
                }))
                .isInstanceOf(TransientStoreException.class);
        assertThat(Stand.count("SELECT count(*) FROM " + schema + ".mine")).isZero();
    }

    @Test
    void aRoleWithAnotherIsolationGetsTrueAnswersToo() {
        try (TcpProxy past = TcpProxy.to(Stand.topology().primaryUrl());
                RoutingSagaStore strict = RoutingSagaStore.builder()
                        .write(PoolConfig.of(
                                        past.url() + (past.url().contains("?") ? "&" : "?")
                                                + "options=-c%20default_transaction_isolation=repeatable%5C%20read",
                                        Stand.write().user(),
                                        Stand.write().password())
                                .maximumSize(1))
                        .direct(Stand.direct())
                        .schema(schema)
                        .build()) {
            SagaId id = strict.start(NewSaga.named("order")).id();
            past.loseNextAnswer();

            assertThat(strict.apply(id, 1, SagaChange.to(RUNNING))).isEqualTo(new ChangeResult.Applied(2, RUNNING));
            assertThat(past.cuts()).isEqualTo(1);
            assertThat(strict.apply(id, 1, SagaChange.to(SUCCESS))).isEqualTo(new ChangeResult.Conflict(2, RUNNING));
        }
    }

    @Test
    void aVersionThatIsNotThereYetIsNoReasonForAConflictAfterALostAnswer() throws SQLException {
        store.close();
        store = open(Duration.ofSeconds(1));
        SagaId id = store.start(NewSaga.named("order")).id();
        network.loseNextAnswer();

        // Somebody who knows of a version that is not committed: what was sent may come after it.
        assertThatThrownBy(() -> store.apply(id, 2, SagaChange.to(RUNNING)))
                .isInstanceOf(CommitOutcomeUnknownException.class);
        assertThat(store.apply(id, 2, SagaChange.to(RUNNING)))
                .as("without a loss")
                .isInstanceOf(ChangeResult.Conflict.class);
    }

    @Test
    void whatWouldOutliveTheTransactionInThePoolerIsRefused() {
        for (Setting setting : List.<Setting>of(
                connection -> connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE),
                connection -> connection.setSchema("pg_catalog"),
                connection -> connection.setReadOnly(true),
                connection -> connection.setClientInfo("ApplicationName", "mine"))) {
            assertThatThrownBy(() -> store.inTransaction(tx -> {
                        setting.on(tx.connection());
                        return true;
                    }))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("SET LOCAL");
        }
    }

    private interface Setting {
        void on(Connection connection) throws SQLException;
    }

    @Test
    void howLongToTryIsChecked() {
        for (Duration wrong : List.of(Duration.ofMillis(-1), Duration.ofMinutes(61))) {
            assertThatThrownBy(() -> RoutingSagaStore.builder().writeTimeout(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("writeTimeout")
                    .hasMessageContaining(wrong.toString());
        }
    }

    /** The inquiry ends with a look for the entry, which is the last that an idle backend tells of. */
    private boolean isAskedFor(Connection superuser) throws SQLException {
        try (Statement statement = superuser.createStatement();
                ResultSet row = statement.executeQuery("SELECT FROM pg_stat_activity WHERE query LIKE '%FROM " + schema
                        + ".saga_audit_log WHERE entry_id%' AND usename = 'sagaz_app'")) {
            return row.next();
        }
    }

    private double repeats(String operation, String outcome) {
        return meters
                .find(StoreMeterNames.WRITE_REPEATS)
                .tags("operation", operation, "outcome", outcome)
                .counters()
                .stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    private long versionOf(SagaId id) throws SQLException {
        return Stand.count("SELECT version FROM " + schema + ".saga_executions WHERE saga_id = '" + id + "'");
    }

    private String held(SagaId id) throws SQLException {
        return Stand.held(schema, id);
    }
}
