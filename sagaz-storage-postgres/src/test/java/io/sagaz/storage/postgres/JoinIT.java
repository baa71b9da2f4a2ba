package io.sagaz.storage.postgres;

import static io.sagaz.storage.SagaStatus.RUNNING;
import static io.sagaz.storage.SagaStatus.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.sagaz.storage.AuditEntry;
import io.sagaz.storage.ChangeResult;
import io.sagaz.storage.ClaimRequest;
import io.sagaz.storage.CommitOutcomeUnknownException;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaUpdate;
import io.sagaz.storage.SagaWrites;
import io.sagaz.storage.StartResult;
import io.sagaz.storage.TransientStoreException;
import io.sagaz.testkit.Await;
import io.sagaz.testkit.TcpProxy;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.transaction.support.TransactionTemplate;

/** The store in transactions of others, on connections of their pool. */
class JoinIT {
    private static final String PAGE = "docs/joining.md";

    private final String schema = Stand.newSchema();
    private final RoutingSagaStore store = Stand.builder(schema).build();
    private final HikariDataSource theirs = theirs(Stand.topology().rwUrl());
    private SagaId id;

    private HikariDataSource theirs(String url) {
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl(url);
        pool.setUsername(Stand.topology().app().user());
        pool.setPassword(Stand.topology().app().password());
        pool.setMaximumPoolSize(2);
        return pool;
    }

    @BeforeAll
    static void makeTheTableOfTheSamples() {
        Stand.addTable("public", "reservations (n integer)");
    }

    @AfterAll
    static void dropIt() {
        Stand.run(Stand.topology().primaryUrl(), Stand.topology().owner(), "DROP TABLE public.reservations");
    }

    @BeforeEach
    void start() {
        Stand.run(Stand.topology().primaryUrl(), Stand.topology().owner(), "TRUNCATE public.reservations");
        id = store.start(NewSaga.named("order").steps("reserve")).id();
    }

    @AfterEach
    void close() {
        theirs.close();
        store.close();
    }

    @Test
    void thePageShowsThisVeryCode() throws IOException {
        assertThat(Sample.page(PAGE)).contains(Sample.of(JoinExample.class)).contains(Sample.of(SpringExample.class));
    }

    @Test
    void ofPlainJdbcRowSagaAndEventAreOneCommit() throws SQLException {
        assertThat(JoinExample.run(store, theirs, id, 1)).isEqualTo(new ChangeResult.Applied(2, RUNNING));
        assertThat(held()).isEqualTo("1 reservations, version 2, 1 events");

        assertThat(JoinExample.run(store, theirs, id, 1)).isEqualTo(new ChangeResult.Conflict(2, RUNNING));
        assertThat(held()).as("their row was rolled back").isEqualTo("1 reservations, version 2, 1 events");
    }

    @Test
    void ofSpringRowSagaAndEventAreOneCommit() throws SQLException {
        TransactionTemplate transaction = new TransactionTemplate(new DataSourceTransactionManager(theirs));

        assertThat(SpringExample.run(store, theirs, transaction, id, 1))
                .isEqualTo(new ChangeResult.Applied(2, RUNNING));
        assertThat(held()).isEqualTo("1 reservations, version 2, 1 events");

        assertThat(SpringExample.run(store, theirs, transaction, id, 1))
                .isEqualTo(new ChangeResult.Conflict(2, RUNNING));
        assertThat(held()).as("their row was rolled back").isEqualTo("1 reservations, version 2, 1 events");
        assertThat(theirs.getHikariPoolMXBean().getActiveConnections()).isZero();
    }

    /** Ways to the connection of a transaction of Spring's. */
    private interface Way {
        <T> T join(RoutingSagaStore store, DataSource dataSource, Work<T> work);
    }

    private interface Work<T> {
        T with(SagaWrites sagas);
    }

    private static final class Utils implements Way {
        @Override
        public <T> T join(RoutingSagaStore store, DataSource dataSource, Work<T> work) {
            return work.with(store.join(DataSourceUtils.getConnection(dataSource)));
        }
    }

    private static final class Template implements Way {
        @Override
        public <T> T join(RoutingSagaStore store, DataSource dataSource, Work<T> work) {
            ConnectionCallback<T> callback = connection -> work.with(store.join(connection));
            return new JdbcTemplate(dataSource).execute(callback);
        }
    }

    private static final class AwareProxy implements Way {
        @Override
        public <T> T join(RoutingSagaStore store, DataSource dataSource, Work<T> work) {
            try (Connection connection = new TransactionAwareDataSourceProxy(dataSource).getConnection()) {
                return work.with(store.join(connection));
            } catch (SQLException e) {
                throw new AssertionError(e);
            }
        }
    }

    static Stream<Way> ways() {
        return Stream.of(new Utils(), new Template(), new AwareProxy());
    }

    @ParameterizedTest
    @MethodSource("ways")
    void springsTransactionIsJoinedOnWhicheverWayItsConnectionComes(Way way) throws SQLException {
        for (DataSource dataSource : List.of(theirs, new LazyConnectionDataSourceProxy(theirs))) {
            TransactionTemplate transaction = new TransactionTemplate(new DataSourceTransactionManager(dataSource));
            NewSaga saga = NewSaga.named("order").emit(OutboxEvent.to("orders"));
            IllegalStateException thrown = new IllegalStateException();
            assertThatThrownBy(() -> transaction.execute(status -> {
                        assertThat(way.<StartResult>join(store, dataSource, sagas -> sagas.start(saga)))
                                .isInstanceOf(StartResult.Started.class);
                        throw thrown;
                    }))
                    .isSameAs(thrown);
            assertThat(count("saga_executions WHERE saga_id = '" + saga.id() + "'"))
                    .isZero();

            transaction.executeWithoutResult(
                    status -> way.<StartResult>join(store, dataSource, sagas -> sagas.start(saga)));

            assertThat(count("saga_executions WHERE saga_id = '" + saga.id() + "'"))
                    .isEqualTo(1);
            assertThat(count("saga_outbox WHERE saga_id = '" + saga.id() + "'")).isEqualTo(1);
        }
        assertThat(theirs.getHikariPoolMXBean().getActiveConnections()).isZero();
    }

    @Test
    void aRefusalLeavesTheCallersTransactionUsable() throws SQLException {
        store.start(NewSaga.named("order").idempotencyKey("taken"));
        NewSaga mine = NewSaga.named("order").emit(OutboxEvent.to("mine"));
        TransactionTemplate transaction = new TransactionTemplate(new DataSourceTransactionManager(theirs));

        transaction.executeWithoutResult(status -> {
            SagaWrites sagas = store.join(DataSourceUtils.getConnection(theirs));
            reserve();
            assertThat(sagas.apply(id, 7, SagaChange.to(RUNNING))).isInstanceOf(ChangeResult.Conflict.class);
            assertThat(sagas.apply(id, 1, SagaChange.to(SUCCESS))).isInstanceOf(ChangeResult.IllegalSagaChange.class);
            assertThat(sagas.applyAll(List.of(new SagaUpdate(id, 7, SagaChange.to(RUNNING)))))
                    .hasOnlyElementsOfType(ChangeResult.Conflict.class);
            assertThat(sagas.start(
                            NewSaga.named("order").idempotencyKey("taken").emit(OutboxEvent.to("none"))))
                    .isInstanceOf(StartResult.AlreadyStarted.class);
            assertThatThrownBy(() -> sagas.start(NewSaga.named("another").id(id)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("belongs to a saga named \"order\"");
            assertThat(sagas.start(mine)).isInstanceOf(StartResult.Started.class);
        });

        assertThat(Stand.count("SELECT count(*) FROM public.reservations")).isEqualTo(1);
        assertThat(count("saga_executions WHERE saga_id = '" + mine.id() + "'")).isEqualTo(1);
        assertThat(count("saga_outbox WHERE topic = 'mine'")).isEqualTo(1);
        assertThat(count("saga_outbox WHERE topic = 'none'")).isZero();
    }

    /** In autocommit, for the driver names BEGIN and COMMIT by itself: such a pool ruins its own transactions. */
    @Test
    void onAPooledConnectionWithoutThePrecautionNoCallOfTheStoreNamesAStatement() throws SQLException {
        String careless = Stand.topology().rwUrl().replace("prepareThreshold=0", "prepareThreshold=1");
        Set<String> named = new TreeSet<>();
        try (HikariDataSource pool = theirs(careless)) {
            for (int round = 0; round < 10; round++) {
                try (Connection connection = pool.getConnection()) {
                    callEverything(store.join(connection));
                    named.addAll(namedStatements(connection));
                }
            }
        }
        assertThat(named).noneMatch(statement -> statement.contains(schema));
        assertThat(count("saga_audit_log WHERE event_type = 'SEEN'")).isEqualTo(20);
    }

    @Test
    void inATransactionTheDriverNamesItsOwnStatementsAndNoneOfTheStores() throws SQLException {
        Set<String> named = new TreeSet<>();
        try (HikariDataSource pool = theirs(Stand.topology().primaryUrl() + "?prepareThreshold=1")) {
            for (int round = 0; round < 10; round++) {
                try (Connection connection = pool.getConnection()) {
                    connection.setAutoCommit(false);
                    callEverything(store.join(connection));
                    connection.commit();
                    named.addAll(namedStatements(connection));
                    connection.commit();
                }
            }
        }
        assertThat(named).contains("COMMIT").noneMatch(statement -> statement.contains(schema));
    }

    private void callEverything(SagaWrites sagas) {
        NewSaga saga = NewSaga.named("order");
        sagas.start(saga);
        sagas.startAll(List.of(NewSaga.named("order")));
        sagas.apply(saga.id(), 1, SagaChange.note(AuditEntry.of("SEEN")));
        sagas.applyAll(List.of(new SagaUpdate(saga.id(), 2, SagaChange.to(RUNNING))));
        sagas.annotate(saga.id(), AuditEntry.of("SEEN"));
        sagas.claimAbandoned(ClaimRequest.by("worker", Duration.ofMinutes(1)));
        sagas.emit(List.of(OutboxEvent.to("orders")));
    }

    /** All that the server knows, also those of BEGIN and COMMIT. */
    private static List<String> namedStatements(Connection connection) throws SQLException {
        List<String> statements = new ArrayList<>();
        try (Statement query = connection.createStatement();
                ResultSet row = query.executeQuery("SELECT statement FROM pg_prepared_statements")) {
            while (row.next()) {
                statements.add(row.getString(1));
            }
        }
        return statements;
    }

    @Test
    void aConnectionThatWasLostIsARefusalThatPassesWhoeverNoticesFirst() throws SQLException {
        try (TcpProxy network = TcpProxy.to(Stand.topology().rwUrl());
                HikariDataSource far = theirs(network.url())) {
            for (boolean noticed : new boolean[] {true, false}) {
                try (Connection connection = far.getConnection()) {
                    connection.setAutoCommit(false);
                    SagaWrites joinedBefore = store.join(connection);
                    network.cut();
                    if (noticed) {
                        assertThatThrownBy(() -> execute(connection, "SELECT 1"))
                                .isInstanceOf(SQLException.class);
                    }
                    assertThatThrownBy(() -> joinedBefore.apply(id, 1, SagaChange.to(RUNNING)))
                            .isInstanceOf(TransientStoreException.class)
                            .hasMessageContaining("nothing was written");
                    assertThatThrownBy(() -> store.join(connection).apply(id, 1, SagaChange.to(RUNNING)))
                            .isInstanceOf(TransientStoreException.class)
                            .hasMessageContaining("nothing was written");
                }
            }
        }
        assertThat(held()).isEqualTo("0 reservations, version 1, 0 events");
    }

    @Test
    void inAutocommitALostConnectionLeavesTheOutcomeOpen() throws SQLException {
        try (TcpProxy network = TcpProxy.to(Stand.topology().rwUrl());
                HikariDataSource far = theirs(network.url());
                Connection connection = far.getConnection()) {
            SagaWrites sagas = store.join(connection);
            network.loseNextAnswer();

            assertThatThrownBy(() -> sagas.apply(id, 1, SagaChange.to(RUNNING)))
                    .isInstanceOf(CommitOutcomeUnknownException.class);
            assertThatThrownBy(() -> sagas.apply(id, 2, SagaChange.to(SUCCESS)))
                    .as("nothing is sent on a connection that is gone")
                    .isInstanceOf(TransientStoreException.class);
        }
        Await.until("it was done all the same", () -> held().contains("version 2"));
    }

    private void reserve() {
        new JdbcTemplate(theirs).update("INSERT INTO reservations VALUES (42)");
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private String held() throws SQLException {
        return Stand.texts(
                        "SELECT format('%s reservations, version %s, %s events', (SELECT count(*) FROM public.reservations), version, (SELECT count(*) FROM "
                                + schema
                                + ".saga_outbox o WHERE o.saga_id = e.saga_id)) FROM " + schema
                                + ".saga_executions e WHERE saga_id = '" + id + "'")
                .get(0);
    }

    private long count(String from) throws SQLException {
        return Stand.count("SELECT count(*) FROM " + schema + "." + from);
    }
}
