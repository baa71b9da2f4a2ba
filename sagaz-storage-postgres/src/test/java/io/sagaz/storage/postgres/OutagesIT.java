package io.sagaz.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagaz.storage.CommitOutcomeUnknownException;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.PageRequest;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.ReadReceipt;
import io.sagaz.storage.ReadResult;
import io.sagaz.storage.ReadSource;
import io.sagaz.storage.ReplicaTooStaleException;
import io.sagaz.storage.RouteReason;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.StartResult;
import io.sagaz.storage.TransientStoreException;
import io.sagaz.testkit.Await;
import io.sagaz.testkit.Topology;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Servers and poolers die under the store: nothing acknowledged is lost, and every error says what to do. */
class OutagesIT {
    private static final ReadConsistency FRESH = ReadConsistency.atMost(Duration.ofSeconds(1));
    private static Topology topology;
    private static RoutingSagaStore store;

    @BeforeAll
    static void open() {
        // A topology of its own: the other tests do not like to be killed.
        topology = Topology.builder().replicas(1).start();
        store = RoutingSagaStore.builder()
                .write(PoolConfig.of(
                                topology.rwUrl(),
                                topology.app().user(),
                                topology.app().password())
                        .maximumSize(6)
                        .connectionTimeout(Duration.ofSeconds(2)))
                .read(PoolConfig.of(
                        topology.roUrl(),
                        topology.reader().user(),
                        topology.reader().password()))
                .direct(PoolConfig.of(
                        topology.primaryUrl(),
                        topology.owner().user(),
                        topology.owner().password()))
                .build();
    }

    @AfterAll
    static void close() {
        store.close();
        topology.close();
    }

    @Test
    void aBackendKilledInMidTransactionLeavesNothingBehind() throws SQLException {
        NewSaga saga = NewSaga.named("killed");
        assertThatThrownBy(() -> store.inTransaction(tx -> {
                    tx.start(saga);
                    terminate(backendOf(tx.connection()));
                    return tx.start(NewSaga.named("killed"));
                }))
                .isInstanceOf(TransientStoreException.class)
                .hasMessageContaining("nothing was written");
        assertThat(store.reads(ReadConsistency.strong()).find(saga.id()).value())
                .isEmpty();
    }

    @Test
    void aBackendKilledBeforeTheCommitIsAnsweredTruly() throws SQLException {
        NewSaga saga = NewSaga.named("killed");
        assertThatThrownBy(() -> store.inTransaction(tx -> {
                    tx.start(saga);
                    terminate(backendOf(tx.connection()));
                    return true;
                }))
                .isInstanceOf(TransientStoreException.class)
                .hasMessageContaining("nothing was written");
        assertThat(store.reads(ReadConsistency.strong()).find(saga.id()).value())
                .isEmpty();
    }

    @Test
    void aTransactionOfWhichACrashLeftNothingIsSaidToBeRolledBack() throws SQLException {
        NewSaga saga = NewSaga.named("crashed");
        assertThatThrownBy(() -> store.inTransaction(tx -> {
                    tx.start(saga);
                    // The server ends all sessions and recovers.
                    ProcessHandle.of(backendOf(tx.connection())).orElseThrow().destroyForcibly();
                    return true;
                }))
                .isInstanceOf(TransientStoreException.class)
                .hasMessageContaining("nothing was written");
        Await.until("the server is back", () -> {
            try {
                return store.reads(ReadConsistency.strong())
                        .find(saga.id())
                        .value()
                        .isEmpty();
            } catch (TransientStoreException e) {
                return false;
            }
        });
    }

    @Test
    void aFailedStatementTurnsTheCommitIntoAnError() {
        NewSaga saga = NewSaga.named("swallowed");
        assertThatThrownBy(() -> store.inTransaction(tx -> {
                    tx.start(saga);
                    try (PreparedStatement broken = tx.connection().prepareStatement("SELECT 1/0")) {
                        broken.execute();
                    } catch (SQLException swallowed) {
                        // What a careless caller does: the server has given the transaction up by now.
                        assertThat(swallowed.getSQLState()).isEqualTo("22012");
                    }
                    return true;
                }))
                .as("a commit that rolls back must not look like one that commits")
                .isInstanceOf(io.sagaz.storage.StoreException.class);
        assertThat(store.reads(ReadConsistency.strong()).find(saga.id()).value())
                .isEmpty();
    }

    @Test
    void nothingAcknowledgedIsLostWhileThePoolerDies() throws Exception {
        outage(topology.faults()::killWritePooler, topology.faults()::startWritePooler);
    }

    @Test
    void nothingAcknowledgedIsLostWhileThePrimaryDies() throws Exception {
        outage(topology.faults()::killPrimary, topology.faults()::startPrimary);
    }

    /** Writers go on through the outage; then every acknowledged saga is there once, and every refused one is not. */
    private void outage(Runnable kill, Runnable restart) throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        AtomicInteger acknowledgedAfter = new AtomicInteger();
        AtomicBoolean restarted = new AtomicBoolean();
        ExecutorService executor = Executors.newFixedThreadPool(4);
        List<NewSaga> acknowledged = new ArrayList<>();
        List<NewSaga> refused = new ArrayList<>();
        AtomicInteger started = new AtomicInteger();
        try {
            List<Future<?>> writers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                writers.add(executor.submit(() -> {
                    while (!done.get()) {
                        NewSaga saga = NewSaga.named("outage").steps("a").emit(OutboxEvent.to("outage"));
                        try {
                            assertThat(store.start(saga)).isInstanceOf(StartResult.Started.class);
                            synchronized (acknowledged) {
                                acknowledged.add(saga);
                            }
                            started.incrementAndGet();
                            if (restarted.get()) {
                                acknowledgedAfter.incrementAndGet();
                            }
                        } catch (TransientStoreException e) {
                            synchronized (refused) {
                                refused.add(saga);
                            }
                        } catch (CommitOutcomeUnknownException e) {
                            // Either is right; neither was promised.
                            assertThat(e).hasMessageContaining("read before trying again");
                        }
                    }
                    return true;
                }));
            }
            Await.until("some sagas were started", () -> started.get() > 50);
            kill.run();
            restart.run();
            restarted.set(true);
            Await.until("sagas are started again", () -> acknowledgedAfter.get() > 50);
            done.set(true);
            for (Future<?> writer : writers) {
                writer.get();
            }
        } finally {
            done.set(true);
            executor.shutdownNow();
        }
        for (NewSaga saga : acknowledged) {
            assertThat(stored(saga)).as("acknowledged: %s", saga).isEqualTo("1 1 1");
        }
        for (NewSaga saga : refused) {
            assertThat(stored(saga)).as("refused with certainty: %s", saga).isEqualTo("0 0 0");
        }
    }

    @Test
    void withoutReplicasReadsGoToThePrimaryAndReturn() {
        Await.until("a replica answers", () -> read().source() == ReadSource.REPLICA);
        topology.faults().killReplica(0);
        try {
            Await.until("the primary answers", () -> read().source() == ReadSource.PRIMARY);
            assertThat(read().reason()).isIn(RouteReason.REPLICA_UNREACHABLE, RouteReason.REPLICA_STALE);
            assertThat(store.start(NewSaga.named("meanwhile"))).isInstanceOf(StartResult.Started.class);
        } finally {
            topology.faults().startReplica(0);
        }
        Await.until("a replica answers again", () -> read().source() == ReadSource.REPLICA);
    }

    @Test
    void aPromotedReplicaGetsNoBoundedReads() throws SQLException {
        try (Topology split = Topology.builder().replicas(1).start();
                RoutingSagaStore reader = RoutingSagaStore.builder()
                        .write(PoolConfig.of(
                                split.rwUrl(), split.app().user(), split.app().password()))
                        .read(PoolConfig.of(
                                split.roUrl(),
                                split.reader().user(),
                                split.reader().password()))
                        .direct(PoolConfig.of(
                                split.primaryUrl(),
                                split.owner().user(),
                                split.owner().password()))
                        .build()) {
            ReadConsistency hour = ReadConsistency.atMost(Duration.ofHours(1));
            Await.until(
                    "the replica answers",
                    () -> reader.reads(hour)
                                    .countByStatus(SagaFilter.all())
                                    .receipt()
                                    .source()
                            == ReadSource.REPLICA);
            split.faults().promote(0);
            try (Connection other = split.connect(split.replicaUrl(0), split.owner());
                    PreparedStatement foreign = other.prepareStatement(
                            "INSERT INTO saga_executions (saga_name, status) VALUES ('foreign', 'PENDING')")) {
                foreign.execute();
            }
            Await.until(
                    "the promoted server is found out",
                    () -> reader.reads(hour)
                                    .countByStatus(SagaFilter.all())
                                    .receipt()
                                    .source()
                            == ReadSource.PRIMARY);
            for (int i = 0; i < 200; i++) {
                ReadResult<Map<SagaStatus, Long>> counts =
                        reader.reads(hour).countByStatus(SagaFilter.named("foreign"));
                assertThat(counts.receipt().source()).isEqualTo(ReadSource.PRIMARY);
                assertThat(counts.value().values()).containsOnly(0L);
            }
        }
    }

    @Test
    void aFullReadPoolIsNotTakenForAnOutage() throws Exception {
        try (RoutingSagaStore narrow = RoutingSagaStore.builder()
                .write(PoolConfig.of(
                                topology.rwUrl(),
                                topology.app().user(),
                                topology.app().password())
                        .maximumSize(8))
                .read(PoolConfig.of(
                                topology.roUrl(),
                                topology.reader().user(),
                                topology.reader().password())
                        .maximumSize(1)
                        .connectionTimeout(Duration.ofMillis(250)))
                .migrations(MigrationMode.CHECK)
                .build()) {
            List<RouteReason> reasons = Collections.synchronizedList(new ArrayList<>());
            ExecutorService executor = Executors.newFixedThreadPool(8);
            try {
                List<Future<?>> readers = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    readers.add(executor.submit(() -> {
                        for (int n = 0; n < 50; n++) {
                            try {
                                reasons.add(narrow.reads(ReadConsistency.any())
                                        .list(SagaFilter.all(), PageRequest.first(1000))
                                        .receipt()
                                        .reason());
                            } catch (ReplicaTooStaleException e) {
                                reasons.add(RouteReason.REPLICAS_BUSY);
                            }
                        }
                        return true;
                    }));
                }
                for (Future<?> reader : readers) {
                    reader.get();
                }
            } finally {
                executor.shutdownNow();
            }
            assertThat(reasons).hasSize(400).doesNotContain(RouteReason.REPLICA_UNREACHABLE);
        }
    }

    private static ReadReceipt read() {
        return store.reads(FRESH).countByStatus(SagaFilter.named("meanwhile")).receipt();
    }

    private static String stored(NewSaga saga) throws SQLException {
        try (Connection connection = topology.connect(topology.primaryUrl(), topology.owner());
                PreparedStatement statement = connection.prepareStatement("SELECT (SELECT count(*) FROM saga_executions"
                        + " WHERE saga_id = ?) || ' ' || (SELECT count(*) FROM saga_steps WHERE saga_id = ?) || ' '"
                        + " || (SELECT count(*) FROM saga_outbox WHERE saga_id = ?)")) {
            for (int i = 1; i <= 3; i++) {
                statement.setObject(i, saga.id().value());
            }
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getString(1);
            }
        }
    }

    private static int backendOf(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT pg_backend_pid()");
                ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getInt(1);
        }
    }

    private static void terminate(int backend) throws SQLException {
        try (Connection connection = topology.connect(topology.primaryUrl(), topology.superuser());
                PreparedStatement statement = connection.prepareStatement("SELECT pg_terminate_backend(?, 5000)")) {
            statement.setInt(1, backend);
            statement.execute();
        }
    }
}
