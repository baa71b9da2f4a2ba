package io.sagaz.migrations.internal.schema;

import io.sagaz.migrations.internal.partition.PartitionedTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.flywaydb.core.api.MigrationVersion;

/**
 * Objects that bear a name which a migration or the partitions after it are about to use, although no migration has made
 * them.
 */
final class ForeignObjects {
    /** What goes with its table, an index or a partition, is not named beside it. */
    private static final String FIND = """
            WITH relations AS (
                SELECT c.oid, c.relname, c.relkind
                FROM pg_class c
                WHERE c.relnamespace = to_regnamespace(?::text) AND (c.relname = ANY (?) OR c.relname ~ ?)
            )
            SELECT CASE r.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'f' THEN 'foreign table'
                    WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' WHEN 'i' THEN 'index'
                    WHEN 'I' THEN 'partitioned index' WHEN 'c' THEN 'composite type' ELSE 'relation' END
                || ' ' || r.relname
                || CASE r.relkind WHEN 'p' THEN
                    ' with ' || (SELECT count(*) FROM pg_inherits i WHERE i.inhparent = r.oid) || ' partitions' ELSE '' END
            FROM relations r
            WHERE NOT EXISTS (SELECT FROM pg_inherits i JOIN relations parent ON parent.oid = i.inhparent
                    WHERE i.inhrelid = r.oid)
                AND NOT EXISTS (SELECT FROM pg_index i JOIN relations owner ON owner.oid = i.indrelid
                    WHERE i.indexrelid = r.oid)
            UNION ALL
            SELECT 'type ' || t.typname
            FROM pg_type t
            WHERE t.typnamespace = to_regnamespace(?::text) AND t.typname = ANY (?) AND t.typrelid = 0 AND t.typcategory <> 'A'
            UNION ALL
            SELECT CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END
                || ' ' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')'
            FROM pg_proc p
            WHERE p.pronamespace = to_regnamespace(?::text) AND p.proname = ANY (?)
            ORDER BY 1
            """;

    private ForeignObjects() {}

    /**
     * Looks for them.
     *
     * @param after the version that the schema is at: what later scripts make is not there yet
     * @return each with its kind
     */
    static List<String> find(Connection connection, String schema, MigrationVersion after) throws SQLException {
        Set<String> made = Scripts.objectsMadeAfter(after);
        String quoted = '"' + schema + '"';
        List<String> found = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(FIND)) {
            var names = connection.createArrayOf("name", made.toArray());
            statement.setString(1, quoted);
            statement.setArray(2, names);
            statement.setString(3, namesOfPartitions(made));
            statement.setString(4, quoted);
            statement.setArray(5, names);
            statement.setString(6, quoted);
            statement.setArray(7, names);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    found.add(rows.getString(1));
                }
            }
        }
        return List.copyOf(found);
    }

    private static String namesOfPartitions(Set<String> made) {
        return Arrays.stream(PartitionedTable.values())
                .map(PartitionedTable::table)
                .filter(made::contains)
                .collect(Collectors.joining("|", "^(", ")_y[0-9]{4}m[0-9]{2}(d[0-9]{2})?$"));
    }
}
