package io.sagaz.migrations.internal.schema;

import io.sagaz.migrations.internal.jdbc.Connector;
import java.io.PrintWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Gives Flyway connections on which no setting outlives its transaction.
 *
 * <p>Flyway sets {@code search_path} and the role for the session. Behind transaction pooling the session belongs to a
 * backend that serves other clients next, and these would find their tables in another order of schemas. Our scripts
 * name schemas everywhere and never change the role, so it is enough that {@code search_path} lasts for the transaction
 * and that the role is left alone. A session setting that is not known here is refused: another version of Flyway may
 * have brought it.
 */
final class TransactionLocal implements DataSource {
    private static final String FLYWAYS_SEARCH_PATH = "SELECT set_config('search_path', ?, false)";
    private static final String OUR_SEARCH_PATH = "SELECT set_config('search_path', ?, true)";
    private static final String ROLE = "SET ROLE ";
    private static final String NOTHING = "SELECT 1";
    private static final Pattern SESSION_SETTING = Pattern.compile(
            "\\s*(SET\\s+(?!LOCAL\\b|TRANSACTION\\b)|RESET\\b|DISCARD\\b|SELECT\\s+set_config\\b(?!.*\\btrue\\s*\\)))",
            Pattern.CASE_INSENSITIVE);

    private final Connector connector;

    TransactionLocal(Connector connector) {
        this.connector = connector;
    }

    @Override
    public Connection getConnection() throws SQLException {
        return localize(connector.open());
    }

    private static Connection localize(Connection connection) {
        return (Connection) Proxy.newProxyInstance(
                TransactionLocal.class.getClassLoader(),
                new Class<?>[] {Connection.class},
                (Object proxy, java.lang.reflect.Method method, @Nullable Object @Nullable [] arguments) -> {
                    // Flyway's own commands all come this way; scripts go through createStatement.
                    if (method.getName().equals("prepareStatement")
                            && arguments != null
                            && arguments[0] instanceof String sql) {
                        arguments[0] = localize(sql);
                    }
                    try {
                        return method.invoke(connection, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause() == null ? e : e.getCause();
                    }
                });
    }

    static String localize(String sql) throws SQLException {
        if (sql.equals(FLYWAYS_SEARCH_PATH)) {
            return OUR_SEARCH_PATH;
        }
        if (sql.startsWith(ROLE)) {
            return NOTHING;
        }
        if (SESSION_SETTING.matcher(sql).lookingAt()) {
            throw new SQLFeatureNotSupportedException(
                    "Flyway wants to change a setting of the session, which could leak"
                            + " to other clients of a pooler: " + sql);
        }
        return sql;
    }

    @Override
    public Connection getConnection(String username, String password) throws SQLException {
        throw new SQLFeatureNotSupportedException();
    }

    @Override
    public @Nullable PrintWriter getLogWriter() {
        return null;
    }

    @Override
    public void setLogWriter(PrintWriter out) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void setLoginTimeout(int seconds) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int getLoginTimeout() {
        return 0;
    }

    @Override
    public Logger getParentLogger() throws SQLFeatureNotSupportedException {
        throw new SQLFeatureNotSupportedException();
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        throw new SQLException("Wraps nothing");
    }

    @Override
    public boolean isWrapperFor(Class<?> type) {
        return false;
    }
}
