package io.sagaz.storage.postgres.internal.jdbc;

import java.sql.Connection;

/**
 * Runs calls whose statements commit by themselves, each once: what is lost on the way is for the caller to look after. Safe for
 * threads.
 */
public final class SingleCalls implements ConnectionRunner {
    private final Pool pool;

    /** Runs on this pool. */
    public SingleCalls(Pool pool) {
        this.pool = pool;
    }

    @Override
    public <T> T run(String operation, RepeatableCall<T> call) {
        Connection connection = pool.borrow(operation);
        try {
            return JoinedConnection.of(connection).run(operation, call);
        } finally {
            pool.giveBack(connection);
        }
    }
}
