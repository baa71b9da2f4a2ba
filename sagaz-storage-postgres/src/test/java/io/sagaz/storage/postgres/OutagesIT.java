package io.sagaz.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagaz.storage.CommitOutcomeUnknownException;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.ReadReceipt;
import io.sagaz.storage.ReadSource;
import io.sagaz.storage.RouteReason;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.StartResult;
import io.sagaz.storage.TransientStoreException;
import io.sagaz.testkit.Topology;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
                .as("the commit was sent, or the loss was seen before it: never silence")
                .isInstanceOfAny(CommitOutcomeUnknownException.class, TransientStoreException.class);
        assertThat(store.reads(ReadConsistency.strong()).find(saga.id()).value())
                .isEmpty();
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
            Stand.await("some sagas were started", () -> started.get() > 50);
            kill.run();
            restart.run();
            restarted.set(true);
            Stand.await("sagas are started again", () -> acknowledgedAfter.get() > 50);
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
        Stand.await("a replica answers", () -> read().source() == ReadSource.REPLICA);
        topology.faults().killReplica(0);
        try {
            Stand.await("the primary answers", () -> read().source() == ReadSource.PRIMARY);
            assertThat(read().reason()).isIn(RouteReason.REPLICA_UNREACHABLE, RouteReason.REPLICA_STALE);
            assertThat(store.start(NewSaga.named("meanwhile"))).isInstanceOf(StartResult.Started.class);
        } finally {
            topology.faults().startReplica(0);
        }
        Stand.await("a replica answers again", () -> read().source() == ReadSource.REPLICA);
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
