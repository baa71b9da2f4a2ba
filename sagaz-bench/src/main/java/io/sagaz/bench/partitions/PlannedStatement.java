package io.sagaz.bench.partitions;

import io.sagaz.storage.SagaId;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;

/** Statements that the planner is timed with; {@code {schema}} stands for the schema. */
enum PlannedStatement {
    BY_ID_AND_TIME("lookup by id and time", """
            SELECT saga_name, status, version, context FROM {schema}.saga_executions
             WHERE saga_id = ? AND created_at = ?
            """) {
        @Override
        void bind(PreparedStatement statement, SagaId saga) throws SQLException {
            statement.setObject(1, saga.value());
            statement.setObject(2, time(saga));
        }
    },
    BY_ID("lookup by id alone", """
            SELECT saga_name, status, version, context FROM {schema}.saga_executions WHERE saga_id = ?
            """) {
        @Override
        void bind(PreparedStatement statement, SagaId saga) throws SQLException {
            statement.setObject(1, saga.value());
        }
    },
    LAST_DAY("last day", """
            SELECT status, count(*) FROM {schema}.saga_executions WHERE created_at >= ? GROUP BY status
            """) {
        @Override
        void bind(PreparedStatement statement, SagaId saga) throws SQLException {
            statement.setObject(1, time(saga));
        }
    },
    UPDATE("update by id and time", """
            UPDATE {schema}.saga_executions s
               SET version = s.version + 1, status = ?, updated_at = clock_timestamp()
             WHERE s.saga_id = ? AND s.created_at = ? AND s.version = ? AND s.status = ANY (string_to_array(?, ','))
            """) {
        @Override
        void bind(PreparedStatement statement, SagaId saga) throws SQLException {
            statement.setString(1, "RUNNING");
            statement.setObject(2, saga.value());
            statement.setObject(3, time(saga));
            statement.setLong(4, 1);
            statement.setString(5, "PENDING,RUNNING");
        }
    },
    /** Of the statement that the library sends, the part that reads and changes the saga. */
    COMPARE_AND_SET("compare-and-set of the library", """
            WITH target AS (
                SELECT ?::bigint AS version, ?::text AS status, string_to_array(?, ',') AS allowed_from
            ), seen AS (
                SELECT s.version, s.status
                  FROM {schema}.saga_executions s
                 WHERE s.saga_id = ?::uuid AND s.created_at = ?::timestamptz
            ), moved AS (
                UPDATE {schema}.saga_executions s
                   SET version = s.version + 1,
                       status = coalesce(target.status, s.status),
                       updated_at = clock_timestamp()
                  FROM target
                 WHERE s.saga_id = ?::uuid AND s.created_at = ?::timestamptz
                   AND s.version = target.version
                   AND s.status = ANY (target.allowed_from)
                RETURNING s.saga_id, s.created_at, s.version, s.status
            )
            SELECT moved.version, moved.status, seen.version, seen.status
              FROM target LEFT JOIN moved ON true LEFT JOIN seen ON true
            """) {
        @Override
        void bind(PreparedStatement statement, SagaId saga) throws SQLException {
            statement.setLong(1, 1);
            statement.setString(2, "RUNNING");
            statement.setString(3, "PENDING,RUNNING");
            for (int place = 4; place <= 6; place += 2) {
                statement.setObject(place, saga.value());
                statement.setObject(place + 1, time(saga));
            }
        }
    },
    /** The same with the identifier in the row of values, from where the planner cannot take it. */
    JOINED("compare-and-set that joins the time", """
            WITH target AS (
                SELECT ?::uuid AS saga_id, ?::timestamptz AS created_at, ?::bigint AS version, ?::text AS status
            ), seen AS (
                SELECT s.version, s.status
                  FROM {schema}.saga_executions s, target
                 WHERE s.saga_id = target.saga_id AND s.created_at = target.created_at
            ), moved AS (
                UPDATE {schema}.saga_executions s
                   SET version = s.version + 1,
                       status = coalesce(target.status, s.status),
                       updated_at = clock_timestamp()
                  FROM target
                 WHERE s.saga_id = target.saga_id AND s.created_at = target.created_at
                   AND s.version = target.version
                RETURNING s.saga_id, s.created_at, s.version, s.status
            )
            SELECT moved.version, moved.status, seen.version, seen.status
              FROM target LEFT JOIN moved ON true LEFT JOIN seen ON true
            """) {
        @Override
        void bind(PreparedStatement statement, SagaId saga) throws SQLException {
            statement.setObject(1, saga.value());
            statement.setObject(2, time(saga));
            statement.setLong(3, 1);
            statement.setString(4, "RUNNING");
        }
    };

    private final String label;
    private final String sql;

    PlannedStatement(String label, String sql) {
        this.label = label;
        this.sql = sql;
    }

    String label() {
        return label;
    }

    String in(String schema) {
        return sql.replace("{schema}", schema);
    }

    private static OffsetDateTime time(SagaId saga) {
        return saga.createdAt().atOffset(ZoneOffset.UTC);
    }

    abstract void bind(PreparedStatement statement, SagaId saga) throws SQLException;
}
