package io.sagaz.storage.postgres.internal.jdbc;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * A connection whose reads fail on a standby, where they would succeed and look like the primary's: while a failover is under
 * way a pooler may lead there. In front of each read stands a question that a standby refuses, in the same message, so that it
 * takes no round trip and reaches the same server; in a transaction, where cursors are, it is a message of its own. It turns off
 * compilation as well, as for the {@linkplain Pool#forReads read pools}, until the transaction ends.
 *
 * @see <a href="https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADMIN-BACKUP">PostgreSQL: which functions
 *     cannot be executed during recovery</a>
 */
public final class PrimaryOnly {
    private static final String QUESTION = "SELECT pg_current_wal_insert_lsn(), set_config('jit', 'off', true)";
    /** Object not in prerequisite state: recovery is in progress. */
    private static final String REFUSED = "55000";

    private PrimaryOnly() {}

    /** Wraps a connection; for prepared queries that give one result. */
    public static Connection over(Connection connection) {
        return proxy(Connection.class, (method, arguments) -> {
            if (!method.getName().equals("prepareStatement")) {
                return invoke(method, connection, arguments);
            }
            if (connection.getAutoCommit()) {
                return behindQuestion(connection.prepareStatement(QUESTION + ";" + arguments[0]));
            }
            try (PreparedStatement question = connection.prepareStatement(QUESTION)) {
                question.execute();
            }
            return invoke(method, connection, arguments);
        });
    }

    /** Whether a read failed because the server is a standby. */
    public static boolean isRefusal(SQLException e) {
        return SqlStates.of(e).equals(REFUSED);
    }

    private static PreparedStatement behindQuestion(PreparedStatement statement) {
        return proxy(PreparedStatement.class, (method, arguments) -> {
            if (!method.getName().equals("executeQuery")) {
                return invoke(method, statement, arguments);
            }
            statement.execute();
            statement.getMoreResults();
            return statement.getResultSet();
        });
    }

    @FunctionalInterface
    private interface Handler {
        @Nullable
        Object handle(Method method, Object[] arguments) throws Throwable;
    }

    private static <T> T proxy(Class<T> type, Handler handler) {
        return type.cast(Proxy.newProxyInstance(
                PrimaryOnly.class.getClassLoader(),
                new Class<?>[] {type},
                (Object self, Method method, @Nullable Object @Nullable [] arguments) ->
                        handler.handle(method, arguments == null ? new Object[0] : arguments)));
    }

    private static @Nullable Object invoke(Method method, Object target, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }
}
