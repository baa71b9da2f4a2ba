package io.sagaz.testkit;

import java.sql.Connection;
import java.sql.Driver;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.ServiceLoader;

/** Plain JDBC. */
final class Jdbc {
    /** Ends what would otherwise wait forever for a server that was stopped in the middle of a sentence. */
    private static final Map<String, String> IMPATIENT = Map.of("connectTimeout", "5", "socketTimeout", "60");

    /** For one question to somebody who may stand still. */
    private static final Map<String, String> BRIEF = Map.of("connectTimeout", "2", "socketTimeout", "3");

    private Jdbc() {}

    static String url(String host, int port, String database) {
        return "jdbc:postgresql://" + host + ":" + port + "/" + database;
    }

    static Connection connect(String url, Credentials as) throws SQLException {
        return connect(url, as, Map.of());
    }

    static Connection connectImpatiently(String url, Credentials as) throws SQLException {
        return connect(url, as, IMPATIENT);
    }

    static Connection connectBriefly(String url, Credentials as) throws SQLException {
        return connect(url, as, BRIEF);
    }

    private static Connection connect(String url, Credentials as, Map<String, String> settings) throws SQLException {
        Properties properties = new Properties();
        properties.putAll(settings);
        properties.setProperty("user", as.user());
        properties.setProperty("password", as.password());
        // DriverManager knows a driver only if the right class loader asked first; in a test that is a matter of luck.
        for (Driver driver : ServiceLoader.load(Driver.class, Jdbc.class.getClassLoader())) {
            if (driver.acceptsURL(url)) {
                return driver.connect(url, properties);
            }
        }
        throw new IllegalArgumentException("No driver for the URL " + url);
    }

    static void execute(Connection connection, String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** The first column of the first row as text; empty text for NULL and for no row. */
    static String value(Connection connection, String sql, String... parameters) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setString(i + 1, parameters[i]);
            }
            try (ResultSet result = statement.executeQuery()) {
                String value = result.next() ? result.getString(1) : null;
                return value == null ? "" : value;
            }
        }
    }

    /** All rows, each as its texts by the names of the columns; empty text for NULL. */
    static List<Map<String, String>> rows(Connection connection, String sql, String... parameters) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setString(i + 1, parameters[i]);
            }
            try (ResultSet result = statement.executeQuery()) {
                ResultSetMetaData columns = result.getMetaData();
                List<Map<String, String>> rows = new ArrayList<>();
                while (result.next()) {
                    Map<String, String> row = new HashMap<>();
                    for (int i = 1; i <= columns.getColumnCount(); i++) {
                        row.put(columns.getColumnLabel(i), Objects.requireNonNullElse(result.getString(i), ""));
                    }
                    rows.add(row);
                }
                return rows;
            }
        }
    }

    static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }
}
