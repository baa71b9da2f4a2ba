package io.sagaz.bench.load;

import io.sagaz.bench.Stage;
import io.sagaz.storage.SagaId;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Makes many {@linkplain Order orders} at a time, in the tables of Sagaz: they are at work, with three steps to be done. */
public final class Orders {
    private static final String MAKE = """
            WITH sagas AS (
                INSERT INTO saga_executions (saga_id, created_at, updated_at, saga_name, status, context)
                SELECT sagaz_uuid7(at), at, at, ?, 'RUNNING', ?::jsonb
                  FROM (SELECT date_trunc('milliseconds', clock_timestamp()) AS at FROM generate_series(1, ?)) times
                RETURNING saga_id, created_at
            ), steps AS (
                INSERT INTO saga_steps (saga_id, created_at, step_index, step_name, status)
                SELECT saga_id, created_at, place - 1, step_name, 'PENDING'
                  FROM sagas, unnest(?) WITH ORDINALITY AS step (step_name, place)
            )
            SELECT saga_id FROM sagas
            """;

    private Orders() {}

    /** Makes them in one transaction, and gives their ids. */
    public static List<SagaId> make(Stage stage, long count) throws SQLException {
        List<SagaId> ids = new ArrayList<>();
        try (Connection connection = stage.owner();
                PreparedStatement statement = connection.prepareStatement(MAKE)) {
            Array steps = connection.createArrayOf("text", Order.STEPS.toArray());
            statement.setString(1, Order.NAME);
            statement.setString(2, Order.CONTEXT);
            statement.setLong(3, count);
            statement.setArray(4, steps);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    ids.add(new SagaId(rows.getObject(1, UUID.class)));
                }
            }
        }
        return ids;
    }
}
