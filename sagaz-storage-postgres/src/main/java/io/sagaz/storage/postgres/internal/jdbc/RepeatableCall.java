package io.sagaz.storage.postgres.internal.jdbc;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * Work on a connection that comes to the same whether it is done once or several times, and answers the same.
 *
 * @param <T> what it gives back
 */
@FunctionalInterface
public interface RepeatableCall<T> {
    /**
     * Does the work.
     *
     * @param again whether an earlier attempt may have done it, with an answer that never came
     */
    T run(Connection connection, boolean again) throws SQLException;
}
