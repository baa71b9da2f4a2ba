package io.sagaz.migrations.internal.partition;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Objects;

/** Deletes old rows of the tables that have no partitions, in small transactions. */
public final class Forgetting {
    private static final int BATCH = 10_000;

    private final String schema;

    /** For a schema. */
    public Forgetting(String schema) {
        this.schema = '"' + schema + '"';
    }

    /** Deletes rows of consumer_inbox that are older than it is kept, and says how many. */
    public long inboxRows(Connection connection) throws SQLException {
        return inBatches(connection, """
                WITH gone AS (
                    DELETE FROM %1$s.consumer_inbox WHERE ctid = ANY (ARRAY(
                        SELECT i.ctid FROM %1$s.consumer_inbox i
                        WHERE i.processed_at >= ?::timestamptz
                            AND i.processed_at < (SELECT %1$s.sagaz_cutoff(s.retention, now())
                                FROM %1$s.partition_settings s WHERE s.table_name = 'consumer_inbox')
                        ORDER BY i.processed_at
                        LIMIT %2$d))
                    RETURNING processed_at
                )
                SELECT count(*), max(processed_at)::text FROM gone
                """.formatted(schema, BATCH));
    }

    /** Deletes idempotency keys of sagas that are gone, and says how many. */
    public long keys(Connection connection) throws SQLException {
        return inBatches(
                connection,
                "SELECT f.deleted, f.reached::text FROM " + schema + ".sagaz_forget_idempotency_keys(" + BATCH
                        + ", ?::timestamptz) f");
    }

    /** Each begins where the one before has ended: what is deleted stays in its index for a while, and need not be seen twice. */
    private static long inBatches(Connection connection, String sql) throws SQLException {
        long total = 0;
        long deleted;
        String reached = "-infinity";
        do {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                statement.setString(1, reached);
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    deleted = row.getLong(1);
                    reached = Objects.requireNonNullElse(row.getString(2), reached);
                    total += deleted;
                }
            }
        } while (deleted == BATCH);
        return total;
    }
}
