package io.sagaz.migrations.internal.schema;

import io.sagaz.migrations.SchemaStatus;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import org.flywaydb.core.api.MigrationVersion;

/**
 * Which migrations a schema has seen. Immutable.
 *
 * @param version the highest version that was applied, if any
 * @param broken whether the history knows of a migration that failed
 */
public record SchemaHistory(Optional<MigrationVersion> version, boolean broken) {
    /** The table it is kept in. */
    public static final String TABLE = "sagaz_schema_history";

    /**
     * Reads it.
     *
     * @param connection in autocommit
     */
    public static SchemaHistory of(Connection connection, String schema) throws SQLException {
        Optional<MigrationVersion> highest = Optional.empty();
        boolean broken = false;
        if (exists(connection, schema)) {
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery(
                            "SELECT version, success FROM \"" + schema + "\"." + TABLE + " WHERE type = 'SQL'")) {
                while (rows.next()) {
                    MigrationVersion version = MigrationVersion.fromVersion(rows.getString("version"));
                    broken |= !rows.getBoolean("success");
                    highest = highest.filter(known -> known.compareTo(version) > 0)
                            .or(() -> Optional.of(version));
                }
            }
        }
        return new SchemaHistory(highest, broken);
    }

    static boolean exists(Connection connection, String schema) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT to_regclass(?::text) IS NOT NULL")) {
            statement.setString(1, '"' + schema + "\"." + TABLE);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }

    /** Whether there is something to migrate. */
    public boolean isBehind() {
        return broken || version.isEmpty() || version.get().compareTo(Scripts.LATEST) < 0;
    }

    /** Whether a newer library changed the schema so that this one cannot work with it. */
    public boolean isOfNewerMajor() {
        return version.isPresent() && version.get().getMajor().compareTo(Scripts.LATEST.getMajor()) > 0;
    }

    /** What that means for this library. */
    public SchemaStatus status() {
        return new SchemaStatus(fit(), version.map(MigrationVersion::getVersion), Scripts.LATEST.getVersion());
    }

    private SchemaStatus.Fit fit() {
        if (broken) {
            return SchemaStatus.Fit.BROKEN;
        }
        if (version.isEmpty()) {
            return SchemaStatus.Fit.MISSING;
        }
        if (isOfNewerMajor()) {
            return SchemaStatus.Fit.TOO_NEW;
        }
        int order = version.get().compareTo(Scripts.LATEST);
        return order < 0 ? SchemaStatus.Fit.BEHIND : order == 0 ? SchemaStatus.Fit.CURRENT : SchemaStatus.Fit.NEWER;
    }
}
