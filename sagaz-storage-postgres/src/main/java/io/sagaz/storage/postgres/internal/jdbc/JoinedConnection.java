package io.sagaz.storage.postgres.internal.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

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

    /**
     * Refuses a connection on which each statement would commit by itself, and one whose transaction can only be rolled back.
     *
     * @throws IllegalStateException if it is either
     */
    public void requireTransaction(String doing) {
        TransactionState state = state(doing);
        if (state == TransactionState.FAILED) {
            throw new IllegalStateException("The transaction of the connection has failed before " + doing
                    + " and can only be rolled back; nothing was sent");
        }
        if (state == TransactionState.IDLE && isAutoCommit(doing)) {
            throw new IllegalStateException("The connection must be in a transaction for " + doing
                    + ", but is in autocommit, where a part of it would be committed without the rest: call"
                    + " setAutoCommit(false) first; nothing was sent");
        }
    }

    /** Whether a statement has failed in its transaction, which the server then can only roll back. */
    public boolean hasFailed(String doing) {
        return state(doing) == TransactionState.FAILED;
    }

    private TransactionState state(String doing) {
        try {
            return connection.unwrap(BaseConnection.class).getTransactionState();
        } catch (SQLException e) {
            throw StoreErrors.beforeCommit(doing, SqlStates.on(connection, e));
        }
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
