package io.sagaz.storage.postgres.internal.jdbc;

import io.sagaz.storage.CrashPoints;
import io.sagaz.storage.PermanentStoreException;
import io.sagaz.storage.StoreException;
import io.sagaz.storage.TransientStoreException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs work on connections of the write pool, in one transaction. */
public final class Transactions {
    /**
     * Work in a transaction.
     *
     * @param <T> what it gives back
     * @param <X> what it may throw
     */
    @FunctionalInterface
    public interface Work<T, X extends Exception> {
        /**
         * Does the work.
         *
         * @param marks takes what the writes of the store leave
         */
        T run(Connection connection, Consumer<CommitMark> marks) throws X;
    }

    private static final Logger LOG = LoggerFactory.getLogger(Transactions.class);

    private static final String COMMIT_AND_ASK = "COMMIT; SELECT pg_current_wal_insert_lsn()::text,"
            + " substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8),"
            + " (SELECT system_identifier FROM pg_control_system())";

    private final Pool pool;
    private final CommitInquiry inquiry;
    private final Duration timeout;
    private final CrashPoints crashPoints;

    /**
     * Runs on this pool.
     *
     * @param timeout for how long the primary is asked what became of a commit whose answer was lost
     */
    public Transactions(Pool pool, CommitInquiry inquiry, Duration timeout, CrashPoints crashPoints) {
        this.pool = pool;
        this.inquiry = inquiry;
        this.timeout = timeout;
        this.crashPoints = crashPoints;
    }

    /** Commits what the work did, or rolls it back if it throws; what it throws reaches the caller as it is. */
    public <T, X extends Exception> T inTransaction(Work<T, X> work) throws X {
        return run(work, Transactions::commit);
    }

    /**
     * The same; says where the log was after the commit, in the same round trip. The position of a statement before it would be
     * too low, for the commit itself comes behind it.
     *
     * @param told is given the position, unless the answer with it was lost
     */
    public <T, X extends Exception> T inTransaction(Work<T, X> work, Consumer<CommitPosition> told) throws X {
        return run(work, connection -> commitAndAsk(connection, told));
    }

    /** Gives the error, if nobody knows whether the transaction was committed. */
    @FunctionalInterface
    private interface Commit {
        Optional<SQLException> of(Connection connection);
    }

    private <T, X extends Exception> T run(Work<T, X> work, Commit commit) throws X {
        FirstMark mark = new FirstMark();
        Connection connection = pool.borrow("transaction");
        T result;
        Optional<SQLException> lost;
        try {
            begin(connection);
            try {
                result = work.run(connection, mark);
                crashPoints.reached(CrashPoints.Point.BEFORE_COMMIT);
            } catch (Throwable failure) {
                rollBack(connection, failure);
                throw failure;
            }
            refuseFailed(connection);
            lost = commit.of(connection);
            crashPoints.reached(CrashPoints.Point.AFTER_COMMIT);
        } finally {
            pool.giveBack(connection);
        }
        if (lost.isPresent()) {
            findOut(lost.get(), mark.mark);
        }
        return result;
    }

    /** Returns if the transaction was committed. */
    private void findOut(SQLException lost, @Nullable CommitMark mark) {
        StoreException unknown = StoreErrors.atCommit("commit", lost);
        Patience patience = new Patience(timeout);
        while (mark != null && !patience.isOver()) {
            switch (ask(mark)) {
                case COMMITTED -> {
                    return;
                }
                case ROLLED_BACK ->
                    throw new TransientStoreException(
                            "commit lost its connection, and the primary says that the transaction was rolled back; nothing"
                                    + " was written, try again",
                            lost);
                case UNTOLD -> throw unknown;
                case UNDER_WAY -> {
                    if (!patience.pause()) {
                        throw unknown;
                    }
                }
            }
        }
        throw unknown;
    }

    /** One who cannot be asked may be asked in a moment. */
    private CommitInquiry.Fate ask(CommitMark mark) {
        try (Connection connection = pool.borrow("commit")) {
            return inquiry.ask(connection, mark);
        } catch (SQLException | TransientStoreException e) {
            LOG.debug("The primary could not be asked what became of a commit", e);
            return CommitInquiry.Fate.UNDER_WAY;
        } catch (StoreException e) {
            return CommitInquiry.Fate.UNTOLD;
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
            // The pool has closed it: the work has seen that the connection was lost, and has not said so.
            throw StoreErrors.beforeCommit("transaction", SqlStates.connectionLost(e));
        }
        PermanentStoreException failed = new PermanentStoreException(
                "A statement of this transaction failed and its error was not passed on, so the server can only roll"
                        + " the transaction back; nothing was written. Let the error out of the work, or use a"
                        + " savepoint around a statement that may fail.",
                null);
        rollBack(connection, failed);
        throw failed;
    }

    /** The error, if the connection was lost before the answer came. */
    private static Optional<SQLException> commit(Connection connection) {
        try {
            connection.commit();
            return Optional.empty();
        } catch (SQLException e) {
            if (SqlStates.isConnectionLost(e)) {
                return Optional.of(e);
            }
            throw StoreErrors.atCommit("commit", e);
        }
    }

    private static Optional<SQLException> commitAndAsk(Connection connection, Consumer<CommitPosition> told) {
        try (Statement statement = connection.createStatement()) {
            statement.execute(COMMIT_AND_ASK);
            statement.getMoreResults();
            try (ResultSet row = statement.getResultSet()) {
                row.next();
                told.accept(new CommitPosition(row.getString(1), row.getString(2), row.getLong(3)));
            }
            return Optional.empty();
        } catch (SQLException e) {
            if (isOfCommit(e)) {
                throw StoreErrors.atCommit("commit", e);
            }
            return Optional.of(e);
        }
    }

    /** Constraints and serialization are checked at the commit; anything else may be of the question behind it. */
    private static boolean isOfCommit(SQLException e) {
        String state = SqlStates.of(e);
        return state.startsWith("23") || state.startsWith("40");
    }

    private static void rollBack(Connection connection, Throwable failure) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            // The connection is broken, and the server rolls back what it loses.
            failure.addSuppressed(e);
        }
    }

    /** One is enough: the first, as the least likely to be within a savepoint; of a change rather than of an event. */
    private static final class FirstMark implements Consumer<CommitMark> {
        private @Nullable CommitMark mark;

        @Override
        public void accept(CommitMark next) {
            if (mark == null || (mark.row() instanceof CommitMark.Event && next.row() instanceof CommitMark.Entry)) {
                mark = next;
            }
        }
    }
}
