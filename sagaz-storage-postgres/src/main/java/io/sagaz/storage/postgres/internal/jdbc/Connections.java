package io.sagaz.storage.postgres.internal.jdbc;

import io.sagaz.storage.postgres.PoolConfig;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Opens the connections of a pool. On one that goes through a pooler the driver names no statements, even if the store started
 * when none was there: the driver is told one backend when it logs in, and another one answers.
 *
 * <p>It tries until there is one, in pauses of a second at most. HikariCP, told of each failure, would make its own as long as
 * five seconds, and a server that is back would go unnoticed for that time. Who waits for the pool does so no longer than before.
 */
final class Connections extends PGSimpleDataSource implements AutoCloseable {
    private static final long serialVersionUID = 1L;
    private static final Duration FOR_EVER = ChronoUnit.FOREVER.getDuration();

    private transient volatile @Nullable SQLException failure;
    private transient volatile boolean closed;

    Connections(PoolConfig config, String applicationName) {
        setURL(config.url());
        setUser(config.user());
        setPassword(config.password());
        try {
            for (Map.Entry<String, String> setting :
                    DriverDefaults.of(config.url(), applicationName).entrySet()) {
                setProperty(setting.getKey(), setting.getValue());
            }
        } catch (SQLException e) {
            throw new IllegalStateException("The driver does not know a setting of ours", e);
        }
    }

    /** Blocks until there is a connection, or this is closed; the failure is then that of the last attempt. */
    @Override
    public Connection getConnection() throws SQLException {
        Patience patience = new Patience(FOR_EVER);
        while (true) {
            try {
                Connection connection = open();
                failure = null;
                return connection;
            } catch (SQLException e) {
                failure = e;
                if (closed || !patience.pause() || closed) {
                    throw e;
                }
            }
        }
    }

    /** Why the last attempt to open a connection has failed; empty if it has not. */
    Optional<SQLException> failure() {
        return Optional.ofNullable(failure);
    }

    /** Lets attempts that have failed be the last. HikariCP would wait for them, and leave them behind after a while. */
    @Override
    public void close() {
        closed = true;
    }

    private Connection open() throws SQLException {
        Connection connection = super.getConnection();
        try {
            PGConnection driver = connection.unwrap(PGConnection.class);
            if (driver.getPrepareThreshold() != 0 && isPooled(connection, driver)) {
                driver.setPrepareThreshold(0);
            }
            return connection;
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    private static boolean isPooled(Connection connection, PGConnection driver) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
            row.next();
            return row.getInt(1) != driver.getBackendPID();
        }
    }
}
