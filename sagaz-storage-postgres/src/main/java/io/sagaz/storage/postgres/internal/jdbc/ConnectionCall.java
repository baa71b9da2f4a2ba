package io.sagaz.storage.postgres.internal.jdbc;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * Work on a connection.
 *
 * @param <T> what it gives back
 */
@FunctionalInterface
public interface ConnectionCall<T> {
    /** Does the work. */
    T run(Connection connection) throws SQLException;
}
