package io.sagaz.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.cli.Stores;
import io.sagaz.storage.ReadSource;
import io.sagaz.storage.postgres.RoutingSagaStore;
import io.sagaz.testkit.Topology;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Real orders in a real database, whose connections are cut now and then. The books must balance; then they are spoiled in
 * one way after the other, and must not.
 */
class BooksIT {
    private static final int ENOUGH = 60;
    private static final int ORDERS_BETWEEN_CUTS = 10;
    private static final Duration DEADLINE = Duration.ofMinutes(1);
    private static final Duration POLL = Duration.ofMillis(10);
    /** Makes sure that there are orders of every outcome among the first. */
    private static final long SEED = 3;

    private static Topology topology;
    private static Ledger ledger;
    private static Meter meter;

    private Connection owner;

    @BeforeAll
    static void takeOrders() throws Exception {
        topology = Topology.builder().start();
        try (RoutingSagaStore store = Stores.on(topology);
                Connection connection = topology.connect(topology.primaryUrl(), topology.owner())) {
            new ShopTables("public").create(connection);
            ledger = new Ledger(System::nanoTime);
            meter = new Meter(DEADLINE);
            OrderService service =
                    new OrderService(store, new ShopTables("public"), ledger, meter, SEED, Duration.ofSeconds(20));
            Dashboard dashboard = new Dashboard(store, ledger, meter, SEED);
            service.open(2);
            dashboard.open();
            cutConnectionsUntilEnough();
            service.close();
            assertThat(service.awaitIdle(DEADLINE)).isTrue();
            dashboard.close();
            dashboard.awaitIdle(DEADLINE);
        }
    }

    /** Cuts every connection of the service now and then, until it has finished enough orders and noticed a cut. */
    private static void cutConnectionsUntilEnough() throws SQLException {
        try (Connection superuser = topology.connect(topology.primaryUrl(), topology.superuser());
                PreparedStatement cut = superuser.prepareStatement(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ?")) {
            cut.setString(1, topology.app().user());
            long next = ORDERS_BETWEEN_CUTS;
            while (ledger.now() < DEADLINE.toNanos()
                    && (ledger.totals().finished() < ENOUGH || handled(meter.troubles()) == 0)) {
                if (ledger.totals().finished() >= next) {
                    next = ledger.totals().finished() + ORDERS_BETWEEN_CUTS;
                    cut.execute();
                }
                LockSupport.parkNanos(POLL.toNanos());
            }
        }
    }

    private static long handled(Troubles troubles) {
        return troubles.writesRetried() + troubles.outcomesUnknown();
    }

    @AfterAll
    static void stop() {
        topology.close();
    }

    @BeforeEach
    void begin() throws SQLException {
        owner = topology.connect(topology.primaryUrl(), topology.owner());
        owner.setAutoCommit(false);
    }

    @AfterEach
    void rollBack() throws SQLException {
        owner.rollback();
        owner.close();
    }

    @Test
    void whatTheServiceWroteBalances() throws SQLException {
        Verdict verdict = BooksReader.checkInTransaction(owner, ledger.lines());

        assertThat(verdict.isClean()).as(verdict.toString()).isTrue();
        assertThat(verdict.sagas()).isEqualTo(verdict.orders()).isGreaterThanOrEqualTo(ENOUGH);
        assertThat(verdict.steps()).isEqualTo(3 * verdict.sagas());
        assertThat(verdict.events()).isEqualTo(ledger.totals().transactions());
        assertThat(ledger.totals().compensated()).isPositive();
    }

    @Test
    void everyAnswerToTheDashboardHeldItsPromise() {
        assertThat(meter.reads(ReadSource.REPLICA) + meter.reads(ReadSource.PRIMARY))
                .isPositive();
        assertThat(meter.troubles().staleViolations()).isZero();
        assertThat(meter.troubles().tornReads()).isZero();
        assertThat(meter.examples()).isEmpty();
    }

    @Test
    void cutConnectionsWereDealtWith() {
        assertThat(handled(meter.troubles())).isPositive();
        assertThat(meter.troubles().errors()).isZero();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "event lost           | DELETE FROM saga_outbox WHERE partition_key = 'order-1' AND event_type ="
                        + " 'OrderPlaced' | 1,0,0",
                "saga lost            | DELETE FROM saga_executions WHERE idempotency_key = 'order-1' | 1,0,3",
                "order row lost       | DELETE FROM demo_orders WHERE order_no = 1 | 1,0,0",
                "payment lost         | DELETE FROM demo_payments WHERE order_no = 1 AND kind = 'charge' | 1,0,0",
                "line lost            | DELETE FROM demo_order_lines WHERE order_no = 1 AND line_no = 2 | 1,0,0",
                "event doubled        | INSERT INTO saga_outbox (saga_id, topic, partition_key, event_type, payload)"
                        + " SELECT saga_id, topic, partition_key, event_type, payload FROM saga_outbox"
                        + " WHERE partition_key = 'order-1' AND event_type = 'OrderShipped' | 0,1,0",
                "payment doubled      | INSERT INTO demo_payments (order_no, kind, cents)"
                        + " SELECT order_no, kind, cents FROM demo_payments WHERE order_no = 1 | 0,1,0",
                "order row disagrees  | UPDATE demo_orders SET status = 'CHARGED' WHERE order_no = 1 | 0,0,1",
                "saga unfinished      | UPDATE saga_executions SET status = 'RUNNING' WHERE idempotency_key ="
                        + " 'order-1' | 0,0,1",
                "step unfinished      | UPDATE saga_steps SET status = 'RUNNING' WHERE step_name = 'ship' AND saga_id ="
                        + " (SELECT saga_id FROM demo_orders WHERE order_no = 1) | 0,0,1",
                "stock given back     | UPDATE demo_order_lines SET reserved = false WHERE order_no = 1 | 0,0,1",
                "saga of nobody       | INSERT INTO saga_executions (saga_name, status) VALUES ('order', 'PENDING') |"
                        + " 0,0,1",
                "order of nobody      | INSERT INTO demo_orders (order_no, saga_id, status, cents)"
                        + " VALUES (1000000, '00000000-0000-7000-8000-000000000000', 'PLACED', 1) | 0,0,1",
            })
    void spoiledBooksDoNotBalance(String name, String spoil, String lostDuplicatedHalfDone) throws SQLException {
        try (Statement statement = owner.createStatement()) {
            assertThat(statement.executeUpdate(spoil)).isPositive();
        }

        Verdict verdict = BooksReader.checkInTransaction(owner, ledger.lines());

        assertThat(List.of(verdict.lost(), verdict.duplicated(), verdict.halfDone()))
                .as(verdict.toString())
                .containsExactly(List.of(lostDuplicatedHalfDone.split(",", -1)).stream()
                        .map(Long::valueOf)
                        .toArray(Long[]::new));
        assertThat(verdict.examples()).isNotEmpty();
    }

    @Test
    void secondSagaOfAnOrderIsFound() throws SQLException {
        try (Statement statement = owner.createStatement()) {
            statement.execute("INSERT INTO saga_executions (saga_name, status, idempotency_key)"
                    + " VALUES ('order', 'PENDING', 'order-1')");
        }

        assertThat(BooksReader.checkInTransaction(owner, ledger.lines()).duplicated())
                .isOne();
    }

    @Test
    void replicaThatHasCaughtUpHasTheSameRows() throws SQLException {
        topology.awaitReplicas(DEADLINE);
        try (Connection replica = topology.connect(topology.replicaUrl(0), topology.reader())) {
            Map<String, Long> there = BooksReader.counts(replica);
            Map<String, Long> right = BooksReader.counts(owner);

            assertThat(BooksReader.differences("replica-1", there, right)).isEmpty();
            assertThat(right).containsEntry("saga_executions", ledger.totals().placed());

            there.merge("saga_outbox", -1L, Long::sum);
            there.put("sagas in RUNNING", 2L);
            assertThat(BooksReader.differences("replica-1", there, right)).hasSize(2);
        }
    }
}
