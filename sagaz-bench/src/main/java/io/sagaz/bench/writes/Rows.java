package io.sagaz.bench.writes;

import io.sagaz.bench.load.Order;
import io.sagaz.storage.SagaId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.ZoneOffset;

/** The rows of Sagaz' tables as people write them: a statement for each, prepared if the driver may. Of one transaction. */
record Rows(Connection connection) {
    private static final String SAGA = """
            INSERT INTO saga_executions (saga_id, created_at, saga_name, status, context)
            VALUES (?, ?, ?, 'PENDING', ?::jsonb)
            """;
    private static final String STEP = """
            INSERT INTO saga_steps (saga_id, created_at, step_index, step_name, status) VALUES (?, ?, ?, ?, 'PENDING')
            """;
    private static final String ENTRY = """
            INSERT INTO saga_audit_log (entry_id, created_at, saga_id, saga_version, event_type, event_data)
            VALUES (?, ?, ?, ?, ?, ?::jsonb)
            """;
    private static final String EVENT = """
            INSERT INTO saga_outbox (event_id, created_at, saga_id, topic, partition_key, event_type, payload)
            VALUES (?, ?, ?, ?, ?, 'changed', ?::jsonb)
            """;
    private static final String CHANGE = """
            UPDATE saga_executions
               SET version = version + 1, status = ?, updated_at = clock_timestamp(),
                   completed_at = CASE WHEN ? THEN clock_timestamp() END
             WHERE saga_id = ? AND created_at = ? AND version = ?
            """;
    private static final String SUCCESS = """
            UPDATE saga_steps
               SET status = 'SUCCESS', output = ?::jsonb,
                   started_at = coalesce(started_at, clock_timestamp()), completed_at = clock_timestamp()
             WHERE saga_id = ? AND created_at = ? AND step_name = ?
            """;

    void saga(SagaId id) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(SAGA)) {
            identify(statement, 1, id);
            statement.setString(3, Order.NAME);
            statement.setString(4, Order.CONTEXT);
            one(statement);
        }
    }

    void step(SagaId id, int place) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(STEP)) {
            identify(statement, 1, id);
            statement.setInt(3, place);
            statement.setString(4, Order.STEPS.get(place));
            one(statement);
        }
    }

    void entry(SagaId id, long version, String type, String data) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(ENTRY)) {
            identify(statement, 1, SagaId.next());
            statement.setObject(3, id.value());
            statement.setLong(4, version);
            statement.setString(5, type);
            statement.setString(6, data);
            one(statement);
        }
    }

    void event(SagaId id) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(EVENT)) {
            identify(statement, 1, SagaId.next());
            statement.setObject(3, id.value());
            statement.setString(4, Order.TOPIC);
            statement.setString(5, id.toString());
            statement.setString(6, Order.EVENT);
            one(statement);
        }
    }

    /** Only of the saga that still has this version. */
    void change(SagaId id, long version, String status) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(CHANGE)) {
            statement.setString(1, status);
            statement.setBoolean(2, status.equals("SUCCESS"));
            identify(statement, 3, id);
            statement.setLong(5, version);
            one(statement);
        }
    }

    void success(SagaId id, String step) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(SUCCESS)) {
            statement.setString(1, Order.OUTPUT);
            identify(statement, 2, id);
            statement.setString(4, step);
            one(statement);
        }
    }

    private static void identify(PreparedStatement statement, int place, SagaId id) throws SQLException {
        statement.setObject(place, id.value());
        statement.setObject(place + 1, id.createdAt().atOffset(ZoneOffset.UTC));
    }

    private static void one(PreparedStatement statement) throws SQLException {
        int rows = statement.executeUpdate();
        if (rows != 1) {
            throw new IllegalStateException("One row was to be written, but it were " + rows);
        }
    }
}
