package io.sagaz.migrations.internal.schema;

import io.sagaz.migrations.MigrationConfig;
import io.sagaz.migrations.MigrationException;
import io.sagaz.migrations.internal.jdbc.SqlStates;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the roles of a configuration may do. What they need is known by the schema: {@code sagaz_rights()}. */
public final class Rights {
    private static final Logger log = LoggerFactory.getLogger(Rights.class);

    private static final String WRITER = "WRITER";
    private static final String READER = "READER";

    private Rights() {}

    static boolean areLacking(Connection connection, MigrationConfig config) throws SQLException {
        return areLacking(connection, config.schema(), WRITER, config.writers())
                || areLacking(connection, config.schema(), READER, config.readers());
    }

    private static boolean areLacking(Connection connection, String schema, String kind, Set<String> roles)
            throws SQLException {
        String sql = "SELECT EXISTS (SELECT FROM \"" + schema + "\".sagaz_lacking_rights(?::text, ?::text))";
        for (String role : roles) {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                statement.setString(1, kind);
                statement.setString(2, role);
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    if (row.getBoolean(1)) {
                        return true;
                    }
                }
            } catch (SQLException e) {
                throw explained(e, schema, kind, role);
            }
        }
        return false;
    }

    /** Whether anybody may put objects beside ours, which a careless call could then take for ours. */
    public static boolean isOpenToEverybody(Connection connection, String schema) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT coalesce(has_schema_privilege('public', to_regnamespace(?::text)::oid, 'CREATE'), false)")) {
            statement.setString(1, '"' + schema + '"');
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }

    /** Grants what is lacking. */
    public static void grant(Connection connection, MigrationConfig config) throws SQLException {
        grant(connection, config.schema(), WRITER, config.writers());
        grant(connection, config.schema(), READER, config.readers());
    }

    private static void grant(Connection connection, String schema, String kind, Set<String> roles)
            throws SQLException {
        for (String role : roles) {
            try (PreparedStatement statement =
                    connection.prepareStatement("SELECT \"" + schema + "\".sagaz_grant(?::text, ?::text)")) {
                statement.setString(1, kind);
                statement.setString(2, role);
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    if (row.getLong(1) > 0) {
                        log.info("Granted {} {} rights in schema {}", role, row.getLong(1), schema);
                    }
                }
            } catch (SQLException e) {
                throw explained(e, schema, kind, role);
            }
        }
    }

    private static SQLException explained(SQLException e, String schema, String kind, String role) {
        if (SqlStates.isConnectionLost(e)) {
            return e;
        }
        throw MigrationException.of(
                "Cannot give role " + role + " the rights of a " + kind.toLowerCase(java.util.Locale.ROOT)
                        + " in schema " + schema,
                e);
    }
}
