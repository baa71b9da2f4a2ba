package io.sagaz.storage.postgres.internal.sql;

/**
 * All reads of a schema.
 *
 * @param sagas sagas themselves
 * @param history what was written beside a saga
 * @param statistics what dashboards ask about sagas
 * @param outbox what they ask about the outbox
 */
public record SqlReads(
        SqlSagaReads sagas, SqlSagaHistory history, SqlSagaStatistics statistics, SqlOutboxReads outbox) {
    /** The reads of a schema. */
    public SqlReads(Schema schema) {
        this(
                new SqlSagaReads(schema),
                new SqlSagaHistory(schema),
                new SqlSagaStatistics(schema),
                new SqlOutboxReads(schema));
    }
}
