package io.sagaz.storage.postgres.internal.sql;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** A transaction that only reads, on a connection in autocommit, which it is in again afterwards. */
final class ReadOnlyTransaction {
    private ReadOnlyTransaction() {}

    /** What is done in it. */
    @FunctionalInterface
    interface Work {
        void run() throws SQLException;
    }

    static void run(Connection connection, Work work) throws SQLException {
        connection.setAutoCommit(false);
        try {
            // Of the transaction alone: what is set for a session would be set for another client behind a pooler.
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET TRANSACTION READ ONLY");
            }
            work.run();
        } finally {
            end(connection);
        }
    }

    /** What was read was read, and what failed has failed: a connection that is lost now changes neither. The pool drops it. */
    @SuppressWarnings("EmptyCatch")
    private static void end(Connection connection) {
        try {
            connection.rollback();
            connection.setAutoCommit(true);
        } catch (SQLException lost) {
        }
    }
}
