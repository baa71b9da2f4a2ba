package io.sagaz.storage.postgres.internal.jdbc;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The connection of a transaction as the work gets it: everything but the ways to end the transaction, which would make
 * the store acknowledge what is not there, and the settings that would outlive it.
 */
public final class WorkConnection {
    private static final Set<String> ENDS_THE_TRANSACTION = Set.of("commit", "setAutoCommit", "close", "abort");
    /** The driver sets these for the session, which behind a pooler is another client's the next moment. */
    private static final Set<String> OUTLIVES_THE_TRANSACTION =
            Set.of("setTransactionIsolation", "setReadOnly", "setSchema", "setClientInfo");

    private WorkConnection() {}

    /** Wraps a connection; savepoints and all else go through. */
    public static Connection over(Connection connection) {
        return (Connection) Proxy.newProxyInstance(
                WorkConnection.class.getClassLoader(),
                new Class<?>[] {Connection.class},
                (Object proxy, Method method, @Nullable Object @Nullable [] arguments) -> {
                    refuseEnd(method);
                    refuseSessionSetting(method);
                    try {
                        return method.invoke(connection, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause() == null ? e : e.getCause();
                    }
                });
    }

    private static void refuseSessionSetting(Method method) {
        if (OUTLIVES_THE_TRANSACTION.contains(method.getName())) {
            throw new IllegalStateException(
                    "Connection." + method.getName() + "() must not be called in a transaction of"
                            + " the store: the driver sets it for the session, which behind a pooler serves others too. Use SET"
                            + " TRANSACTION as the first statement, or SET LOCAL");
        }
    }

    private static void refuseEnd(Method method) {
        boolean rollsBackAll = method.getName().equals("rollback") && method.getParameterCount() == 0;
        if (rollsBackAll || ENDS_THE_TRANSACTION.contains(method.getName())) {
            throw new IllegalStateException(
                    "Connection." + method.getName() + "() must not be called in a transaction of"
                            + " the store, which ends it itself: return to commit, throw to roll back, use a savepoint to undo"
                            + " a part");
        }
    }
}
