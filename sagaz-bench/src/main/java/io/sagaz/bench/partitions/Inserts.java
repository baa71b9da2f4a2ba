package io.sagaz.bench.partitions;

import io.sagaz.bench.measure.Timing;
import io.sagaz.storage.SagaId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.ZoneOffset;
import java.util.UUID;

/** Puts new sagas into a table, with ids made here as the library does. Each insert is a transaction. */
final class Inserts {
    static final int ROWS_AT_ONCE = 100;

    private static final String ONE = """
            INSERT INTO %s (saga_id, created_at, saga_name, status, context) VALUES (?, ?, ?, 'PENDING', ?::jsonb)
            """;
    private static final String MANY = """
            INSERT INTO %s (saga_id, created_at, saga_name, status, context)
            SELECT saga_id, created_at, saga_name, 'PENDING', context
              FROM unnest(?::uuid[], ?::text[]::timestamptz[], ?::text[], ?::text[]::jsonb[])
                   AS saga (saga_id, created_at, saga_name, context)
            """;
    private static final String NAME = "saga-7";
    private static final String CONTEXT =
            "{\"order\": 4711, \"customer\": \"9f61408e3afb633e50cdf1b20de6f466\", \"amount\": 815, \"currency\": \"EUR\"}";

    private Inserts() {}

    /** Milliseconds for each of so many inserts of one row. */
    static double ofOne(Connection connection, String table, int times) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(ONE.formatted(table))) {
            return Timing.millisEach(times, () -> {
                SagaId id = SagaId.next();
                statement.setObject(1, id.value());
                statement.setObject(2, id.createdAt().atOffset(ZoneOffset.UTC));
                statement.setString(3, NAME);
                statement.setString(4, CONTEXT);
                statement.executeUpdate();
            });
        }
    }

    /** Milliseconds for each of so many inserts of many rows. */
    static double ofMany(Connection connection, String table, int times) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(MANY.formatted(table))) {
            return Timing.millisEach(times, () -> {
                UUID[] ids = new UUID[ROWS_AT_ONCE];
                String[] createdAt = new String[ROWS_AT_ONCE];
                String[] names = new String[ROWS_AT_ONCE];
                String[] contexts = new String[ROWS_AT_ONCE];
                for (int i = 0; i < ROWS_AT_ONCE; i++) {
                    SagaId id = SagaId.next();
                    ids[i] = id.value();
                    createdAt[i] = id.createdAt().toString();
                    names[i] = NAME;
                    contexts[i] = CONTEXT;
                }
                statement.setArray(1, connection.createArrayOf("uuid", ids));
                statement.setArray(2, connection.createArrayOf("text", createdAt));
                statement.setArray(3, connection.createArrayOf("text", names));
                statement.setArray(4, connection.createArrayOf("text", contexts));
                statement.executeUpdate();
            });
        }
    }
}
