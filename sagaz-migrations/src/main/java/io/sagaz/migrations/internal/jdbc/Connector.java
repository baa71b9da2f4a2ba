package io.sagaz.migrations.internal.jdbc;

import io.sagaz.migrations.MigrationConfig;
import io.sagaz.migrations.MigrationException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Properties;
import org.postgresql.Driver;
import org.postgresql.PGConnection;

/** Opens connections of our own, so that migrating takes none from the application's pool. Thread-safe. */
public final class Connector {
    /** In seconds. A login takes long when many instances start at once; a statement, when it looks through a partition. */
    private static final Map<String, String> DEFAULTS =
            Map.of("connectTimeout", "5", "loginTimeout", "30", "socketTimeout", "600", "tcpKeepAlive", "true");

    private final MigrationConfig config;

    /** To the database of a configuration. */
    public Connector(MigrationConfig config) {
        this.config = config;
    }

    /** The caller closes it. What the URL says of time-outs holds; where it says nothing, a dead peer is given up one day. */
    public Connection open() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", config.user());
        properties.setProperty("password", config.password());
        properties.setProperty("ApplicationName", "sagaz-migrations");
        DEFAULTS.forEach(properties::setProperty);
        // Named statements stay with a backend; behind a pooler the next command may meet another one.
        properties.setProperty("prepareThreshold", "0");
        // The driver itself, for DriverManager knows only those that its caller's class loader can see.
        Connection connection = new Driver().connect(config.url(), properties);
        if (connection == null) {
            throw new SQLException("No URL of PostgreSQL: " + config.shownUrl(), "08001");
        }
        return connection;
    }

    /**
     * Whether a pooler stands between: it sends clients a key for cancelling that it made up, and its first half is
     * where PostgreSQL puts the number of the backend. Seen with PgBouncer 1.18 in transaction mode.
     */
    public static boolean isPooled(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
            row.next();
            return row.getInt(1) != connection.unwrap(PGConnection.class).getBackendPID();
        }
    }

    /** Refuses a URL on which a statement that one client prepared would run for another. */
    public void refuseUnsafePooling(Connection connection) throws SQLException {
        if (isPooled(connection) && preparesStatements(connection)) {
            throw new MigrationException(
                    "The URL " + config.shownUrl() + " leads to a pooler and sets prepareThreshold:"
                            + " behind transaction pooling, a statement that one client prepared would run for another."
                            + " Set prepareThreshold=0 or leave it away");
        }
    }

    private static boolean preparesStatements(Connection connection) throws SQLException {
        return connection.unwrap(PGConnection.class).getPrepareThreshold() != 0;
    }
}
