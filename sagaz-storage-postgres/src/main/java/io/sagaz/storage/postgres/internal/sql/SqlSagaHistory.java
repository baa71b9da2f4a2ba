package io.sagaz.storage.postgres.internal.sql;

import io.sagaz.storage.AuditRecord;
import io.sagaz.storage.Page;
import io.sagaz.storage.PageRequest;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.StoredEvent;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Reads what was written beside a saga, on any connection; knows nothing of servers and freshness. */
public final class SqlSagaHistory {
    /** Clocks differ, and an event or an entry may be made before its saga; but partitions are there for a day before only. */
    private static final Duration BEFORE_SAGA = Duration.ofDays(1);

    /** The row comparison alone does not prune partitions; a plain bound on the time does. */
    private static final String AUDIT_TRAIL = """
            SELECT a.entry_id, a.created_at, a.saga_id, a.saga_version, a.event_type, a.step_name, a.actor, a.event_data
              FROM {schema}.saga_audit_log a
             WHERE a.saga_id = ? AND a.created_at >= ? AND (a.created_at, a.entry_id) > (?, ?)
             ORDER BY a.created_at, a.entry_id
             LIMIT ?
            """;

    /**
     * All events of the saga are found first, and then put in order: the planner would rather walk along the index of their
     * numbers until it has met enough of this saga.
     */
    private static final String EVENTS = """
            SELECT e.event_id, e.created_at, e.seq, e.saga_id, e.topic, e.partition_key, e.event_type, e.content_type,
                   e.payload, e.payload_bytes,
                   ARRAY(SELECT ARRAY[h.key, h.value] FROM jsonb_each_text(e.headers) AS h) AS headers
              FROM (SELECT o.event_id, o.created_at, o.seq, o.saga_id, o.topic, o.partition_key, o.event_type, o.content_type,
                           o.payload, o.payload_bytes, o.headers
                      FROM {schema}.saga_outbox o
                     WHERE o.saga_id = ? AND o.created_at >= ?
                    OFFSET 0) e
             WHERE e.seq > ?
             ORDER BY e.seq
             LIMIT ?
            """;

    private static final UUID FIRST_UUID = new UUID(0, 0);

    private final String auditTrail;
    private final String events;

    /** The history of sagas of a schema. */
    public SqlSagaHistory(Schema schema) {
        auditTrail = schema.in(AUDIT_TRAIL);
        events = schema.in(EVENTS);
    }

    /** A page of the audit log of a saga, the oldest entry first. */
    public Page<AuditRecord> auditTrail(Connection connection, SagaId saga, PageRequest page) throws SQLException {
        Optional<UUID> last = Cursor.behind(page, Cursor.Of.AUDIT_TRAIL).map(Cursor::id);
        Instant from = last.map(id -> new SagaId(id).createdAt())
                .orElse(saga.createdAt().minus(BEFORE_SAGA));
        try (PreparedStatement statement = connection.prepareStatement(auditTrail)) {
            new SqlArguments(statement)
                    .add(saga.value())
                    .add(from)
                    .add(from)
                    .add(last.orElse(FIRST_UUID))
                    .add(page.size() + 1);
            return Cursor.page(
                    Columns.list(statement, SqlSagaHistory::entry),
                    page,
                    entry -> new Cursor(Cursor.Of.AUDIT_TRAIL, entry.id()));
        }
    }

    /** A page of the events of a saga, as they were emitted. */
    public Page<StoredEvent> events(Connection connection, SagaId saga, PageRequest page) throws SQLException {
        long last = Cursor.behind(page, Cursor.Of.EVENTS).map(Cursor::number).orElse(-1L);
        try (PreparedStatement statement = connection.prepareStatement(events)) {
            new SqlArguments(statement)
                    .add(saga.value())
                    .add(saga.createdAt().minus(BEFORE_SAGA))
                    .add(last)
                    .add(page.size() + 1);
            return Cursor.page(
                    Columns.list(statement, SqlSagaHistory::event),
                    page,
                    event -> Cursor.ofNumber(Cursor.Of.EVENTS, event.number()));
        }
    }

    private static AuditRecord entry(ResultSet row) throws SQLException {
        long version = row.getLong("saga_version");
        Optional<Long> told = row.wasNull() ? Optional.empty() : Optional.of(version);
        return new AuditRecord(
                Columns.uuid(row, "entry_id"),
                Columns.time(row, "created_at"),
                Columns.sagaId(row, "saga_id"),
                told,
                row.getString("event_type"),
                Columns.optionalText(row, "step_name"),
                Columns.optionalText(row, "actor"),
                row.getString("event_data"));
    }

    /** An event, of a query that selects what {@link #EVENTS} does. */
    static StoredEvent event(ResultSet row) throws SQLException {
        return new StoredEvent(
                Columns.uuid(row, "event_id"),
                Columns.time(row, "created_at"),
                row.getLong("seq"),
                Columns.optionalSagaId(row, "saga_id"),
                row.getString("topic"),
                Columns.optionalText(row, "partition_key"),
                Columns.optionalText(row, "event_type"),
                Columns.payload(row),
                headers(row));
    }

    private static Map<String, String> headers(ResultSet row) throws SQLException {
        return Columns.pairs(row, "headers");
    }
}
