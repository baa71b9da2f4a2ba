package io.sagaz.storage.postgres.internal.jdbc;

import io.sagaz.storage.PermanentStoreException;
import java.sql.Connection;
import java.sql.SQLException;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs work on connections of the write pool: each statement by itself, or all of it in one transaction. */
public final class Transactions {
    /**
     * Work in a transaction.
     *
     * @param <T> what it gives back
     * @param <X> what it may throw
     */
    @FunctionalInterface
    public interface Work<T, X extends Exception> {
        /** Does the work. */
        T run(Connection connection) throws X;
    }

    private static final Logger LOG = LoggerFactory.getLogger(Transactions.class);

    private final Pool pool;

    /** Runs on this pool. */
    public Transactions(Pool pool) {
        this.pool = pool;
    }

    /** Runs a call whose statements commit by themselves. */
    public <T> T autocommit(String operation, ConnectionCall<T> call) {
        try (Connection connection = pool.borrow(operation)) {
            return call.run(connection);
        } catch (SQLException e) {
            throw StoreErrors.atCommit(operation, e);
        }
    }

    /** Commits what the work did, or rolls it back if it throws; what it throws reaches the caller as it is. */
    public <T, X extends Exception> T inTransaction(Work<T, X> work) throws X {
        Connection connection = pool.borrow("transaction");
        try {
            begin(connection);
            T result;
            try {
                result = work.run(connection);
            } catch (Throwable failure) {
                rollBack(connection, failure);
                throw failure;
            }
            refuseFailed(connection);
            commit(connection);
            return result;
        } finally {
            giveBack(connection);
        }
    }

    private static void begin(Connection connection) {
        try {
            connection.setAutoCommit(false);
        } catch (SQLException e) {
            throw StoreErrors.beforeCommit("transaction", e);
        }
    }

    /**
     * A statement failed and the work swallowed its error. The server answers the commit of such a transaction with a
     * rollback, and the driver passes that off as success.
     */
    private static void refuseFailed(Connection connection) {
        try {
            if (connection.unwrap(BaseConnection.class).getTransactionState() != TransactionState.FAILED) {
                return;
            }
        } catch (SQLException e) {
            throw StoreErrors.beforeCommit("transaction", e);
        }
        PermanentStoreException failed = new PermanentStoreException(
                "A statement of this transaction failed and its error was not passed on, so the server can only roll"
                        + " the transaction back; nothing was written. Let the error out of the work, or use a"
                        + " savepoint around a statement that may fail.",
                null);
        rollBack(connection, failed);
        throw failed;
    }

    private static void commit(Connection connection) {
        try {
            connection.commit();
        } catch (SQLException e) {
            throw StoreErrors.atCommit("commit", e);
        }
    }

    private static void giveBack(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            // The outcome is known by now, and the pool drops a connection that it cannot take back.
            LOG.warn("A connection could not be given back to the pool", e);
        }
    }

    private static void rollBack(Connection connection, Throwable failure) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            // The connection is broken, and the server rolls back what it loses.
            failure.addSuppressed(e);
        }
    }
}
