package io.sagaz.storage.postgres.internal.jdbc;

import io.sagaz.storage.CommitOutcomeUnknownException;
import io.sagaz.storage.PermanentStoreException;
import io.sagaz.storage.StoreException;
import io.sagaz.storage.TransientStoreException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/**
 * Runs calls whose statements commit by themselves. When the connection is lost, nobody knows whether the statement was
 * done; the call is made again on another connection, which either finds that it was or does it now. So its answer is the
 * truth, or that the primary could not be reached in time.
 *
 * <p>What the server refused for a passing reason, and so did not do, is tried again too. Safe for threads.
 */
public final class CertainCalls implements ConnectionRunner {
    private final Pool pool;
    private final Duration timeout;
    private final RepeatListener listener;

    /** Is told of each attempt but the first. */
    @FunctionalInterface
    public interface RepeatListener {
        /**
         * A call is about to be made again.
         *
         * @param operation what is done
         * @param outcomeOpen whether the last attempt may have done it
         */
        void repeating(String operation, boolean outcomeOpen);
    }

    /**
     * Runs on this pool.
     *
     * @param timeout for how long a call is waited for, and made again
     */
    public CertainCalls(Pool pool, Duration timeout, RepeatListener listener) {
        this.pool = pool;
        this.timeout = timeout;
        this.listener = listener;
    }

    @Override
    public <T> T run(String operation, RepeatableCall<T> call) {
        Attempts attempts = new Attempts(operation);
        while (true) {
            try {
                return attempt(operation, call, attempts);
            } catch (SQLException e) {
                attempts.failed(e);
            } catch (StoreException e) {
                attempts.gotNoFurther(e);
            }
            listener.repeating(operation, attempts.outcomeOpen);
        }
    }

    private <T> T attempt(String operation, RepeatableCall<T> call, Attempts attempts) throws SQLException {
        Connection connection = pool.borrow(operation);
        try {
            shorten(connection, attempts.patience.remainingMillis());
            return call.run(connection, attempts.outcomeOpen);
        } catch (PermanentStoreException e) {
            throw attempts.certain(e);
        } catch (SQLException e) {
            throw SqlStates.on(connection, e);
        } finally {
            pool.giveBack(connection);
        }
    }

    /** What the driver waits for an answer, unless it waits less anyway; the pool takes that back. */
    private static void shorten(Connection connection, int millis) throws SQLException {
        int own = connection.getNetworkTimeout();
        if (own == 0 || own > millis) {
            connection.setNetworkTimeout(Runnable::run, millis);
        }
    }

    /** The attempts of one call so far. */
    private final class Attempts {
        private final String operation;
        private boolean outcomeOpen;
        private final Patience patience = new Patience(timeout);

        Attempts(String operation) {
            this.operation = operation;
        }

        /** Returns, after a pause, if the call is to be made again. */
        void failed(SQLException e) {
            boolean lost = SqlStates.isConnectionLost(e);
            outcomeOpen |= lost;
            goOnAfter(
                    StoreErrors.atCommit(operation, e),
                    lost || SqlStates.isRepeatable(e) || (outcomeOpen && SqlStates.isPassing(e)));
        }

        /** The call itself has found out, whatever earlier attempts left open. */
        StoreException certain(PermanentStoreException answer) {
            outcomeOpen = false;
            return answer;
        }

        /** There was no connection, for example: once the outcome is open that says nothing about it. */
        void gotNoFurther(StoreException e) {
            goOnAfter(e, outcomeOpen && e instanceof TransientStoreException);
        }

        private void goOnAfter(StoreException failure, boolean mayHelp) {
            if (!mayHelp || patience.isOver() || !patience.pause() || patience.isOver()) {
                throw giveUp(failure);
            }
        }

        private StoreException giveUp(StoreException failure) {
            return !outcomeOpen || failure instanceof CommitOutcomeUnknownException
                    ? failure
                    : new CommitOutcomeUnknownException(
                            operation + " lost its connection before the server answered, and to ask again was in vain,"
                                    + " so it was done as a whole or not at all: read before trying again. The last attempt: "
                                    + failure.getMessage(),
                            failure);
        }
    }
}
