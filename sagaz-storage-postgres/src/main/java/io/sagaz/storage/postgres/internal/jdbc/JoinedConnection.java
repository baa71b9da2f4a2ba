package io.sagaz.storage.postgres.internal.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/** Runs calls on a connection that belongs to somebody else, who also ends its transaction. */
public final class JoinedConnection implements ConnectionRunner {
    private final Connection connection;

    private JoinedConnection(Connection connection) {
        this.connection = connection;
    }

    /** Joins a connection of the PostgreSQL driver, or one that wraps such a connection. */
    public static JoinedConnection of(@Nullable Connection connection) {
        if (connection == null) {
            throw new IllegalArgumentException("connection must not be null");
        }
        try {
            if (!connection.isWrapperFor(PGConnection.class)) {
                throw new IllegalArgumentException(
                        "connection must be one of the PostgreSQL driver, or wrap one, but is a "
                                + connection.getClass().getName());
            }
        } catch (SQLException e) {
            throw StoreErrors.beforeCommit("join", SqlStates.on(connection, e));
        }
        return new JoinedConnection(connection);
    }

    @Override
    public <T> T run(String operation, RepeatableCall<T> call) {
        boolean commitsByItself = isAutoCommit(operation);
        try {
            return call.run(connection, false);
        } catch (SQLException e) {
            SQLException told = SqlStates.on(connection, e);
            throw commitsByItself ? StoreErrors.atCommit(operation, told) : StoreErrors.beforeCommit(operation, told);
        }
    }

    private boolean isAutoCommit(String operation) {
        try {
            return connection.getAutoCommit();
        } catch (SQLException e) {
            throw StoreErrors.beforeCommit(operation, SqlStates.on(connection, e));
        }
    }
}
