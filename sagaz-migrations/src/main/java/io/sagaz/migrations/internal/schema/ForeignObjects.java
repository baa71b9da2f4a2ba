package io.sagaz.migrations.internal.schema;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.flywaydb.core.api.MigrationVersion;

/** Objects that bear a name which a migration is about to use, although no migration has made them. */
final class ForeignObjects {
    private static final String FIND = """
            SELECT CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'v' THEN 'view'
                    WHEN 'S' THEN 'sequence' ELSE 'relation' END || ' ' || c.relname
            FROM pg_class c
            WHERE c.relnamespace = to_regnamespace(?) AND c.relname = ANY (?)
            UNION ALL
            SELECT DISTINCT 'function ' || p.proname
            FROM pg_proc p
            WHERE p.pronamespace = to_regnamespace(?) AND p.proname = ANY (?)
            ORDER BY 1
            """;

    private ForeignObjects() {}

    /**
     * Looks for them.
     *
     * @param after the version that the schema is at: what later scripts make is not there yet
     */
    static List<String> find(Connection connection, String schema, MigrationVersion after) throws SQLException {
        Object[] made = Scripts.objectsMadeAfter(after).toArray();
        List<String> found = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(FIND)) {
            for (int i = 0; i < 2; i++) {
                statement.setString(2 * i + 1, '"' + schema + '"');
                statement.setArray(2 * i + 2, connection.createArrayOf("name", made));
            }
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    found.add(rows.getString(1));
                }
            }
        }
        return List.copyOf(found);
    }
}
