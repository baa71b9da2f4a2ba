package io.sagaz.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.TransientStoreException;
import io.sagaz.storage.postgres.internal.jdbc.Pool;
import io.sagaz.testkit.Await;
import io.sagaz.testkit.TcpProxy;
import io.sagaz.testkit.ThreadLeaks;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;

class PoolIT {
    private static final int REQUESTS_OF_A_NEW_CONNECTION = 12;

    /** HikariCP asks its first connection for its isolation, and what it then takes for known can be nothing. */
    @ParameterizedTest
    @ValueSource(strings = {"read committed", "repeatable read"})
    void whateverItsFirstConnectionDiesOfTheNextOnesLive(String isolation) throws SQLException {
        for (int request = 0; request < REQUESTS_OF_A_NEW_CONNECTION; request++) {
            try (TcpProxy network = TcpProxy.to(Stand.topology().rwUrl())) {
                network.loseAnswerAfter(request);
                PoolConfig config = PoolConfig.of(
                                network.url(),
                                Stand.write().user(),
                                Stand.write().password())
                        .maximumSize(1)
                        .connectionTimeout(Duration.ofMillis(500));
                try (Pool pool = Pool.forWrites(config, isolation, new SimpleMeterRegistry())) {
                    Await.until("there is a connection after request " + request, () -> isUsable(pool));
                }
            }
        }
    }

    @Test
    void whenItIsClosedNobodyGoesOnTryingToReachAServerThatIsAway() {
        ThreadLeaks leaks = ThreadLeaks.watch();
        try (TcpProxy network = TcpProxy.to(Stand.topology().rwUrl())) {
            network.refuse(true);
            try (Pool pool = impatient(network)) {
                assertThatThrownBy(() -> pool.borrow("test")).isInstanceOf(TransientStoreException.class);
            }
        }
        leaks.awaitNone(Duration.ofSeconds(30));
    }

    private static Pool impatient(TcpProxy network) {
        PoolConfig config = PoolConfig.of(
                        network.url(), Stand.write().user(), Stand.write().password())
                .connectionTimeout(Duration.ofMillis(500));
        return Pool.forWrites(config, "read committed", new SimpleMeterRegistry());
    }

    @Test
    void whoGetsNoConnectionIsToldWhyNoneCanBeOpened() {
        try (TcpProxy network = TcpProxy.to(Stand.topology().rwUrl())) {
            network.refuse(true);
            try (Pool pool = impatient(network)) {
                // Only the first may have failed before there was any reason.
                assertThatThrownBy(() -> pool.borrow("test")).isInstanceOf(TransientStoreException.class);
                assertThatThrownBy(() -> pool.borrow("test"))
                        .isInstanceOf(TransientStoreException.class)
                        .hasMessageContaining("no connection from pool sagaz-rw within 500 ms (open 0 of")
                        .rootCause()
                        .isInstanceOf(IOException.class);
            }
        }
    }

    @Test
    void statementsAreNamedOnTheServerOnlyWhereNoPoolerIsBetween() throws SQLException {
        assertThat(prepareThreshold(Stand.topology().primaryUrl())).isEqualTo(5);
        assertThat(prepareThreshold(Stand.topology().rwUrl().replaceAll("[?&]prepareThreshold=0", "")))
                .as("although its URL does not say so")
                .isZero();
    }

    private static int prepareThreshold(String url) throws SQLException {
        PoolConfig config =
                PoolConfig.of(url, Stand.write().user(), Stand.write().password());
        try (Pool pool = Pool.forWrites(config, "read committed", new SimpleMeterRegistry());
                Connection connection = pool.borrow()) {
            return connection.unwrap(PGConnection.class).getPrepareThreshold();
        }
    }

    @Test
    void theDeadlineOfAWriteIsNotThatOfWhatComesNextOnItsConnection() throws SQLException {
        try (RoutingSagaStore store = RoutingSagaStore.builder()
                .write(Stand.write().maximumSize(1))
                .direct(Stand.direct())
                .schema(Stand.newSchema())
                .build()) {
            store.emit(List.of(OutboxEvent.to("t")));

            assertThat(store.<Integer, SQLException>inTransaction(
                            tx -> tx.connection().getNetworkTimeout()))
                    .isEqualTo(30_000);
        }
    }

    private static boolean isUsable(Pool pool) {
        try (Connection connection = pool.borrow("test");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT 1")) {
            return row.next();
        } catch (SQLException | TransientStoreException e) {
            return false;
        }
    }
}
