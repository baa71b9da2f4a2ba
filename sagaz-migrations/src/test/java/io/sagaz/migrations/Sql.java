package io.sagaz.migrations;

import io.sagaz.testkit.Await;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Plain SQL for tests. */
final class Sql {
    private Sql() {}

    static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    static String value(Connection connection, String sql) throws SQLException {
        List<String> rows = rows(connection, sql);
        if (rows.size() != 1) {
            throw new IllegalStateException(sql + " gave " + rows);
        }
        return rows.get(0);
    }

    /** Each row as text, its columns separated by {@code |}. */
    static List<String> rows(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> result = new ArrayList<>();
            while (rows.next()) {
                StringJoiner row = new StringJoiner("|");
                for (int column = 1; column <= rows.getMetaData().getColumnCount(); column++) {
                    row.add(rows.getString(column));
                }
                result.add(row.toString());
            }
            return result;
        }
    }

    /** The SQLState that a statement fails with. */
    static String failure(Connection connection, String sql) {
        try {
            run(connection, sql);
            return "(none)";
        } catch (SQLException e) {
            return String.valueOf(e.getSQLState());
        }
    }

    /** The message that a statement fails with. */
    static String message(Connection connection, String sql) {
        try {
            run(connection, sql);
            return "(none)";
        } catch (SQLException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /** Runs the same in many threads at the same moment, and gives what they return or throws what one throws. */
    static <T> List<T> together(int threads, Callable<T> task) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<T> results = new ArrayList<>();
            for (Future<T> future : executor.invokeAll(java.util.Collections.nCopies(threads, task))) {
                results.add(future.get());
            }
            return results;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        } finally {
            executor.shutdownNow();
        }
    }

    /** Waits for a query to return rows. */
    static void awaitRow(Connection connection, String question) {
        Await.until(question, () -> !rows(connection, question).isEmpty());
    }
}
