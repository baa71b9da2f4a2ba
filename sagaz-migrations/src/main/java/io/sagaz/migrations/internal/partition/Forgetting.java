package io.sagaz.migrations.internal.partition;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

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
        String delete = """
                DELETE FROM %1$s.consumer_inbox WHERE ctid = ANY (ARRAY(
                    SELECT i.ctid FROM %1$s.consumer_inbox i
                    WHERE i.processed_at < (SELECT %1$s.sagaz_cutoff(s.retention, now())
                        FROM %1$s.partition_settings s WHERE s.table_name = 'consumer_inbox')
                    LIMIT %2$d))
                """.formatted(schema, BATCH);
        long total = 0;
        long deleted;
        do {
            try (PreparedStatement statement = connection.prepareStatement(delete)) {
                deleted = statement.executeUpdate();
                total += deleted;
            }
        } while (deleted == BATCH);
        return total;
    }

    /** Deletes idempotency keys of sagas that are gone, and says how many. */
    public long keys(Connection connection) throws SQLException {
        long total = 0;
        long deleted;
        do {
            try (PreparedStatement statement = connection.prepareStatement(
                            "SELECT " + schema + ".sagaz_forget_idempotency_keys(" + BATCH + ")");
                    ResultSet row = statement.executeQuery()) {
                row.next();
                deleted = row.getLong(1);
                total += deleted;
            }
        } while (deleted == BATCH);
        return total;
    }
}
