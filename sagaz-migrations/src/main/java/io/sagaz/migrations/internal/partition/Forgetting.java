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
        return inBatches(connection, "sagaz_forget_inbox_rows");
    }

    /** Deletes idempotency keys of sagas that are gone, and says how many. */
    public long keys(Connection connection) throws SQLException {
        return inBatches(connection, "sagaz_forget_idempotency_keys");
    }

    /** Each begins where the one before has ended: what is deleted stays in its index for a while, and need not be seen twice. */
    private long inBatches(Connection connection, String function) throws SQLException {
        String sql =
                "SELECT f.deleted, f.reached::text FROM " + schema + '.' + function + "(?::integer, ?::timestamptz) f";
        long total = 0;
        long deleted;
        String reached = "-infinity";
        do {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                statement.setInt(1, BATCH);
                statement.setString(2, reached);
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
