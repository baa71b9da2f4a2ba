package io.sagaz.storage.postgres;

import static io.sagaz.storage.SagaStatus.RUNNING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagaz.storage.ChangeResult;
import io.sagaz.storage.CommitOutcomeUnknownException;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.StartResult;
import io.sagaz.storage.TransientStoreException;
import io.sagaz.testkit.Await;
import io.sagaz.testkit.TcpProxy;
import io.sagaz.testkit.Topology;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When there is no connection, or nobody at its other end, callers are told in time. The timeouts here only catch hangs. */
@Timeout(120)
class BackPressureIT {
    private static Topology topology;

    @BeforeAll
    static void open() {
        // A topology of its own, whose primary is stopped.
        topology = Topology.builder().start();
        store(topology.primaryUrl(), Duration.ofSeconds(1)).close();
    }

    @AfterAll
    static void close() {
        topology.close();
    }

    private static RoutingSagaStore store(String url, Duration writeTimeout) {
        return RoutingSagaStore.builder()
                .write(PoolConfig.of(url, topology.app().user(), topology.app().password())
                        .maximumSize(2)
                        .connectionTimeout(Duration.ofMillis(500)))
                .direct(PoolConfig.of(
                        topology.primaryUrl(),
                        topology.owner().user(),
                        topology.owner().password()))
                .writeTimeout(writeTimeout)
                .build();
    }

    /** A store whose driver waits a second for an answer. */
    private static RoutingSagaStore hasty(TcpProxy network, Duration writeTimeout) {
        return store(withParameter(network.url(), "socketTimeout=1"), writeTimeout);
    }

    private static String withParameter(String url, String parameter) {
        return url + (url.contains("?") ? "&" : "?") + parameter;
    }

    @Test
    void whoGetsNoConnectionIsToldWhatThePoolLooksLike() throws SQLException {
        NewSaga saga = NewSaga.named("order");
        // A timeout of an hour: a full pool is no reason to wait for more than a connection.
        try (RoutingSagaStore store = store(topology.rwUrl(), Duration.ofHours(1))) {
            store.inTransaction(first -> store.inTransaction(second -> {
                for (int i = 0; i < 2; i++) {
                    assertThatThrownBy(() -> store.start(saga))
                            .isExactlyInstanceOf(TransientStoreException.class)
                            .hasMessageContaining("start got no connection from pool sagaz-rw within 500 ms")
                            .hasMessageContaining("open 2 of 2, in use 2, idle 0, waiting 0")
                            .hasMessageContaining("nothing was sent");
                }
                assertThatThrownBy(() -> store.inTransaction(third -> third.start(saga)))
                        .isExactlyInstanceOf(TransientStoreException.class)
                        .hasMessageContaining("open 2 of 2, in use 2, idle 0, waiting 0")
                        .hasMessageContaining("nothing was sent");
                return true;
            }));

            assertThat(store.start(saga)).isEqualTo(new StartResult.Started(saga.id(), 1));
        }
    }

    @Test
    void whileThePrimaryIsStoppedNobodyHangsAndAfterwardsWritesGoOn() throws SQLException {
        for (String url : new String[] {topology.rwUrl(), topology.primaryUrl()}) {
            try (RoutingSagaStore store = store(url, Duration.ofSeconds(1))) {
                SagaId id = store.start(NewSaga.named("order")).id();
                topology.faults().stopPrimary();
                try {
                    for (int i = 0; i < 4; i++) {
                        assertThatThrownBy(() -> store.apply(id, 1, SagaChange.to(RUNNING)))
                                .as("not sent, or not known: the server was gone before it could say")
                                .isInstanceOfAny(TransientStoreException.class, CommitOutcomeUnknownException.class);
                        assertThatThrownBy(() -> store.inTransaction(tx -> tx.apply(id, 1, SagaChange.to(RUNNING))))
                                .isInstanceOf(TransientStoreException.class);
                    }
                } finally {
                    topology.faults().startPrimary();
                }
                Await.until("writes go on", () -> isDone(store, NewSaga.named("order")));
                assertThat(version(id)).as("what nobody took").isEqualTo(1);
                assertThat(store.apply(id, 1, SagaChange.to(RUNNING))).isEqualTo(new ChangeResult.Applied(2, RUNNING));
            }
        }
    }

    @Test
    void whenNothingComesBackAnyMoreTheOutcomeIsSaidToBeUnknown() throws SQLException {
        try (TcpProxy network = TcpProxy.to(topology.rwUrl());
                RoutingSagaStore store = hasty(network, Duration.ofSeconds(2))) {
            SagaId id = store.start(NewSaga.named("order")).id();
            network.freeze(true);

            assertThatThrownBy(() -> store.apply(id, 1, SagaChange.to(RUNNING)))
                    .isInstanceOf(CommitOutcomeUnknownException.class)
                    .hasMessageContaining("read before trying again");
            assertThatThrownBy(() -> store.inTransaction(tx -> tx.apply(id, 1, SagaChange.to(RUNNING))))
                    .as("there is nobody to open a connection to")
                    .isExactlyInstanceOf(TransientStoreException.class)
                    .hasMessageContaining("in use");

            network.freeze(false);
            Await.until("writes go on", () -> isDone(store, NewSaga.named("order")));
        }
    }

    @Test
    void aServerThatComesBackInTimeAnswersWhatItHolds() throws Exception {
        try (TcpProxy network = TcpProxy.to(topology.rwUrl());
                RoutingSagaStore store = hasty(network, Duration.ofMinutes(1))) {
            SagaId id = store.start(NewSaga.named("order")).id();
            try (Connection owner = topology.connect(topology.primaryUrl(), topology.owner());
                    Statement lock = owner.createStatement()) {
                owner.setAutoCommit(false);
                lock.execute("UPDATE saga_executions SET updated_at = updated_at WHERE saga_id = '" + id + "'");
                Thread release = new Thread(() -> {
                    // Two attempts have been given up by then, and wait in the server all the same.
                    Await.until("several attempts wait", () -> waiting() >= 2);
                    try {
                        owner.rollback();
                    } catch (SQLException e) {
                        throw new AssertionError(e);
                    }
                });
                release.start();

                assertThat(store.apply(id, 1, SagaChange.to(RUNNING))).isEqualTo(new ChangeResult.Applied(2, RUNNING));

                release.join();
            }
            assertThat(version(id)).isEqualTo(2);
            assertThat(count("SELECT count(*) FROM saga_audit_log WHERE saga_id = '" + id + "'"))
                    .isEqualTo(2);
        }
    }

    private static boolean isDone(RoutingSagaStore store, NewSaga saga) {
        try {
            return store.start(saga) instanceof StartResult.Started;
        } catch (TransientStoreException | CommitOutcomeUnknownException e) {
            return false;
        }
    }

    private static long waiting() throws SQLException {
        return count("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype IN ('transactionid', 'tuple')");
    }

    private static long version(SagaId id) throws SQLException {
        return count("SELECT version FROM saga_executions WHERE saga_id = '" + id + "'");
    }

    private static long count(String query) throws SQLException {
        try (Connection connection = topology.connect(topology.primaryUrl(), topology.superuser());
                PreparedStatement statement = connection.prepareStatement(query);
                ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }
}
