package io.sagaz.storage.postgres.internal.jdbc;

import io.sagaz.storage.postgres.PoolConfig;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.postgresql.PGConnection;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Opens the connections of a pool. On one that goes through a pooler the driver names no statements, even if the store started
 * when none was there: the driver is told one backend when it logs in, and another one answers.
 */
final class Connections extends PGSimpleDataSource {
    private static final long serialVersionUID = 1L;

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

    @Override
    public Connection getConnection() throws SQLException {
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
