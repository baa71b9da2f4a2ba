package io.sagaz.storage.postgres;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sagaz.storage.TransientStoreException;
import io.sagaz.storage.postgres.internal.jdbc.Pool;
import io.sagaz.testkit.TcpProxy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
                    Stand.await("there is a connection after request " + request, () -> isUsable(pool));
                }
            }
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
