package io.sagaz.storage.postgres;

import static io.sagaz.storage.SagaStatus.RUNNING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagaz.storage.ChangeResult;
import io.sagaz.storage.CrashPoints;
import io.sagaz.storage.CrashPoints.Point;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.StartResult;
import io.sagaz.storage.TransientStoreException;
import io.sagaz.testkit.CrashPlan;
import io.sagaz.testkit.SimulatedCrashError;
import io.sagaz.testkit.TcpProxy;
import java.io.BufferedReader;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Connections, threads and processes end at each boundary of a write: all of it is there or nothing, and no answer is wrong. */
class CrashPointsIT {
    private final String schema = Stand.newSchema();

    /** Its one connection must be there again for whoever comes next. */
    private RoutingSagaStore store(TcpProxy network, CrashPoints points) {
        return RoutingSagaStore.builder()
                .write(PoolConfig.of(
                                network.url(),
                                Stand.write().user(),
                                Stand.write().password())
                        .maximumSize(1))
                .direct(Stand.direct())
                .schema(schema)
                .crashPoints(points)
                .build();
    }

    @ParameterizedTest
    @EnumSource(
            value = Point.class,
            names = {"BEFORE_STATEMENT", "AFTER_STATEMENT"})
    void aConnectionThatEndsChangesNoAnswer(Point point) throws SQLException {
        try (TcpProxy network = TcpProxy.to(Stand.topology().rwUrl())) {
            CrashPlan plan = CrashPlan.at(point, network::cut).onTime(2);
            try (RoutingSagaStore store = store(network, plan)) {
                SagaId id = store.start(NewSaga.named("order")).id();

                assertThat(store.apply(id, 1, running())).isEqualTo(new ChangeResult.Applied(2, RUNNING));

                assertThat(plan.hasStruck()).isTrue();
                assertThat(held(id)).isEqualTo("version 2, 2 entries, 1 events");
            }
        }
    }

    @Test
    void aConnectionThatEndsBeforeACommitLeavesNothing() throws SQLException {
        try (TcpProxy network = TcpProxy.to(Stand.topology().rwUrl())) {
            CrashPlan plan = CrashPlan.at(Point.BEFORE_COMMIT, network::cut);
            try (RoutingSagaStore store = store(network, plan)) {
                SagaId id = store.start(NewSaga.named("order")).id();

                assertThatThrownBy(() -> store.inTransaction(tx -> tx.apply(id, 1, running())))
                        .isInstanceOf(TransientStoreException.class)
                        .hasMessageContaining("nothing was written");

                assertThat(plan.hasStruck()).isTrue();
                assertThat(held(id)).isEqualTo("version 1, 1 entries, 0 events");
            }
        }
    }

    @Test
    void aConnectionThatEndsAfterACommitTakesNothingBack() throws SQLException {
        try (TcpProxy network = TcpProxy.to(Stand.topology().rwUrl())) {
            CrashPlan plan = CrashPlan.at(Point.AFTER_COMMIT, network::cut);
            try (RoutingSagaStore store = store(network, plan)) {
                SagaId id = store.start(NewSaga.named("order")).id();

                ChangeResult result = store.inTransaction(tx -> tx.apply(id, 1, running()));

                assertThat(result).isEqualTo(new ChangeResult.Applied(2, RUNNING));
                assertThat(plan.hasStruck()).isTrue();
                assertThat(held(id)).isEqualTo("version 2, 2 entries, 1 events");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Point.class,
            names = {"BEFORE_STATEMENT", "AFTER_STATEMENT", "BEFORE_COMMIT", "AFTER_COMMIT"})
    void aThreadThatDiesLeavesAllOrNothingAndTheConnection(Point point) throws SQLException {
        try (TcpProxy network = TcpProxy.to(Stand.topology().rwUrl())) {
            boolean transaction = point == Point.BEFORE_COMMIT || point == Point.AFTER_COMMIT;
            CrashPlan plan = CrashPlan.killThread(point).onTime(transaction ? 1 : 2);
            try (RoutingSagaStore store = store(network, plan)) {
                SagaId id = store.start(NewSaga.named("order")).id();

                assertThatThrownBy(() -> {
                            if (transaction) {
                                store.inTransaction(tx -> tx.apply(id, 1, running()));
                            } else {
                                store.apply(id, 1, running());
                            }
                        })
                        .isInstanceOf(SimulatedCrashError.class);

                boolean written = point == Point.AFTER_STATEMENT || point == Point.AFTER_COMMIT;
                assertThat(held(id))
                        .isEqualTo(written ? "version 2, 2 entries, 1 events" : "version 1, 1 entries, 0 events");
                assertThat(store.start(NewSaga.named("next")))
                        .as("on the only connection")
                        .isInstanceOf(StartResult.Started.class);
            }
        }
    }

    @Test
    void aThreadThatDiesWithinATransactionLeavesNothingOfIt() throws SQLException {
        try (TcpProxy network = TcpProxy.to(Stand.topology().rwUrl())) {
            CrashPlan plan = CrashPlan.killThread(Point.AFTER_STATEMENT).onTime(3);
            try (RoutingSagaStore store = store(network, plan)) {
                SagaId id = store.start(NewSaga.named("order")).id();

                assertThatThrownBy(() -> store.inTransaction(tx -> {
                            tx.apply(id, 1, running());
                            return tx.start(NewSaga.named("second"));
                        }))
                        .isInstanceOf(SimulatedCrashError.class);

                assertThat(held(id)).isEqualTo("version 1, 1 entries, 0 events");
                assertThat(store.apply(id, 1, running())).isEqualTo(new ChangeResult.Applied(2, RUNNING));
            }
        }
    }

    /** A service that is restarted does what it did before it was killed, and finds what it has done. */
    @ParameterizedTest
    @EnumSource(
            value = Point.class,
            names = {"BEFORE_STATEMENT", "AFTER_STATEMENT", "BEFORE_COMMIT", "AFTER_COMMIT"})
    void aProcessThatIsKilledLeavesAllOrNothing(Point point) throws Exception {
        try (RoutingSagaStore store = Stand.builder(schema).build()) {
            Process process = OtherProcess.start(
                    CrashMain.class,
                    Stand.write().password(),
                    Stand.read().password(),
                    Stand.topology().rwUrl(),
                    Stand.write().user(),
                    schema,
                    point.name());
            try (BufferedReader said = process.inputReader()) {
                assertThat(OtherProcess.said("BEGIN", said)).isEqualTo("BEGIN");
                assertThat(said.lines()).as("what it said after that").isEmpty();
            }
            assertThat(process.waitFor()).isEqualTo(137);

            boolean written = point == Point.AFTER_STATEMENT || point == Point.AFTER_COMMIT;
            assertThat(events()).isEqualTo(written ? 1 : 0);
            StartResult again = store.start(CrashMain.saga());
            assertThat(again).isInstanceOf(written ? StartResult.AlreadyStarted.class : StartResult.Started.class);
            assertThat(events()).isEqualTo(1);
        }
    }

    private long events() throws SQLException {
        return Stand.count("SELECT count(*) FROM " + schema + ".saga_outbox");
    }

    private static SagaChange running() {
        return SagaChange.to(RUNNING).emit(OutboxEvent.to("orders"));
    }

    private String held(SagaId id) throws SQLException {
        return Stand.held(schema, id);
    }
}
