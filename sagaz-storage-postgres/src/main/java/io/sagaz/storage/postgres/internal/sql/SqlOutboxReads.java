package io.sagaz.storage.postgres.internal.sql;

import io.sagaz.storage.DeadLetter;
import io.sagaz.storage.OutboxDepth;
import io.sagaz.storage.OutboxThroughput;
import io.sagaz.storage.Page;
import io.sagaz.storage.PageRequest;
import io.sagaz.storage.ParkedEvent;
import io.sagaz.storage.TimeSpan;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/**
 * Asks the views and functions of the schema about the outbox ({@code V1_12__dashboards.sql}), on any connection; knows
 * nothing of servers and freshness.
 */
public final class SqlOutboxReads {
    private static final String DEPTH = """
            SELECT d.relay_name, d.last_seen_at, d.unpublished, d.exact, d.at_most, d.oldest_at, d.oldest_seconds, d.parked,
                   d.dead_letters
              FROM {schema}.sagaz_outbox_depth d
             ORDER BY d.relay_name
            """;

    private static final String THROUGHPUT =
            "SELECT t.bucket_start, t.events FROM {schema}.sagaz_outbox_throughput(?, ?, ?::interval) t";

    private static final String DEAD_LETTERS = """
            SELECT d.relay_name, d.event_id, d.created_at, d.seq, d.topic, d.event_type, d.saga_id, d.attempts, d.died_at,
                   d.last_error
              FROM {schema}.sagaz_outbox_dead_letters d
             WHERE d.relay_name = ? AND d.event_id < ?
             ORDER BY d.event_id DESC
             LIMIT ?
            """;

    private static final String PARKED = """
            SELECT p.relay_name, p.event_id, p.created_at, p.seq, p.topic, p.event_type, p.saga_id, p.ordering_key, p.attempts,
                   p.parked_at, p.next_attempt_at, p.last_error
              FROM {schema}.sagaz_outbox_parked p
             WHERE p.relay_name = ? AND p.event_id > ?
             ORDER BY p.event_id
             LIMIT ?
            """;

    private static final UUID FIRST_UUID = new UUID(0, 0);
    private static final UUID LAST_UUID = new UUID(-1L, -1L);

    private final String depth;
    private final String throughput;
    private final String deadLetters;
    private final String parked;

    /** The outbox of a schema. */
    public SqlOutboxReads(Schema schema) {
        depth = schema.in(DEPTH);
        throughput = schema.in(THROUGHPUT);
        deadLetters = schema.in(DEAD_LETTERS);
        parked = schema.in(PARKED);
    }

    /** How far each relay is behind. */
    public List<OutboxDepth> depth(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(depth)) {
            return Columns.list(
                    statement,
                    row -> new OutboxDepth(
                            Columns.optionalText(row, "relay_name"),
                            Columns.optionalTime(row, "last_seen_at"),
                            row.getLong("unpublished"),
                            row.getBoolean("exact"),
                            row.getLong("at_most"),
                            Columns.optionalTime(row, "oldest_at"),
                            Columns.optionalSeconds(row, "oldest_seconds"),
                            row.getLong("parked"),
                            row.getLong("dead_letters")));
        }
    }

    /** How many events came in in each interval. */
    public List<OutboxThroughput> throughput(Connection connection, TimeSpan span, Duration interval)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(throughput)) {
            new SqlArguments(statement).add(span).add(interval.toString());
            return Columns.list(
                    statement, row -> new OutboxThroughput(Columns.time(row, "bucket_start"), row.getLong("events")));
        }
    }

    /** A page of what a relay has given up, the newest event first. */
    public Page<DeadLetter> deadLetters(Connection connection, String relay, PageRequest page) throws SQLException {
        UUID last = Cursor.behind(page, Cursor.Of.DEAD_LETTERS).map(Cursor::id).orElse(LAST_UUID);
        try (PreparedStatement statement = connection.prepareStatement(deadLetters)) {
            new SqlArguments(statement).add(relay).add(last).add(page.size() + 1);
            return Cursor.page(
                    Columns.list(statement, SqlOutboxReads::deadLetter),
                    page,
                    letter -> new Cursor(Cursor.Of.DEAD_LETTERS, letter.eventId()));
        }
    }

    /** A page of what a relay is to try again, the oldest event first. */
    public Page<ParkedEvent> parked(Connection connection, String relay, PageRequest page) throws SQLException {
        UUID last = Cursor.behind(page, Cursor.Of.PARKED_EVENTS).map(Cursor::id).orElse(FIRST_UUID);
        try (PreparedStatement statement = connection.prepareStatement(parked)) {
            new SqlArguments(statement).add(relay).add(last).add(page.size() + 1);
            return Cursor.page(
                    Columns.list(statement, SqlOutboxReads::parkedEvent),
                    page,
                    event -> new Cursor(Cursor.Of.PARKED_EVENTS, event.eventId()));
        }
    }

    private static DeadLetter deadLetter(ResultSet row) throws SQLException {
        return new DeadLetter(
                row.getString("relay_name"),
                Columns.uuid(row, "event_id"),
                Columns.time(row, "created_at"),
                row.getLong("seq"),
                Columns.optionalText(row, "topic"),
                Columns.optionalText(row, "event_type"),
                Columns.optionalSagaId(row, "saga_id"),
                row.getInt("attempts"),
                Columns.time(row, "died_at"),
                Columns.optionalText(row, "last_error"));
    }

    private static ParkedEvent parkedEvent(ResultSet row) throws SQLException {
        return new ParkedEvent(
                row.getString("relay_name"),
                Columns.uuid(row, "event_id"),
                Columns.time(row, "created_at"),
                row.getLong("seq"),
                Columns.optionalText(row, "topic"),
                Columns.optionalText(row, "event_type"),
                Columns.optionalSagaId(row, "saga_id"),
                row.getString("ordering_key"),
                row.getInt("attempts"),
                Columns.time(row, "parked_at"),
                Columns.time(row, "next_attempt_at"),
                Columns.optionalText(row, "last_error"));
    }
}
