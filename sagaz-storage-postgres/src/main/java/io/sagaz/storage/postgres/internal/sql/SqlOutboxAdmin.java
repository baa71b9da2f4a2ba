package io.sagaz.storage.postgres.internal.sql;

import io.sagaz.storage.FailedEventFilter;
import io.sagaz.storage.OutboxAdmin;
import io.sagaz.storage.OutboxDepth;
import io.sagaz.storage.RelayRemoval;
import io.sagaz.storage.RelayStatus;
import io.sagaz.storage.ResendResult;
import io.sagaz.storage.Resent;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.StoredEvent;
import io.sagaz.storage.postgres.internal.jdbc.ConnectionCall;
import io.sagaz.storage.postgres.internal.jdbc.ConnectionRunner;
import io.sagaz.storage.postgres.internal.jdbc.SqlStates;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Calls the functions of the schema for operators ({@code V1_13__inbox_and_dead_letters.sql}). What is decided is decided there.
 * Safe for threads.
 */
public final class SqlOutboxAdmin implements OutboxAdmin {
    /** In front of each call, in the same message: a wait for a lock ends on the server, which has changed nothing then. */
    private static final String PATIENCE = "SELECT {schema}.sagaz_prepare_write(?::jsonb);";

    private static final String RELAYS = """
            SELECT r.relay_name, r.registered_at, r.last_seen_at, r.seems_gone, r.unpublished, r.exact, r.at_most, r.oldest_at,
                   r.oldest_seconds, r.parked, r.dead_letters, r.needed_from, r.kept_partitions
              FROM {schema}.sagaz_outbox_relays r
             ORDER BY r.relay_name
            """;

    private static final String EVENT = """
            SELECT o.event_id, o.created_at, o.seq, o.saga_id, o.topic, o.partition_key, o.event_type, o.content_type,
                   o.payload, o.payload_bytes,
                   ARRAY(SELECT ARRAY[h.key, h.value] FROM jsonb_each_text(o.headers) AS h) AS headers
              FROM {schema}.saga_outbox o
             WHERE o.event_id = ? AND o.created_at = ?
            """;

    private static final String REMOVE_RELAY =
            PATIENCE + "SELECT r.removed, r.parked, r.dead_letters FROM {schema}.remove_outbox_relay(?, ?) r";

    private static final String RESEND_ONE = PATIENCE + "SELECT {schema}.resend_dead_letter(?, ?)";
    private static final String DISCARD_ONE = PATIENCE + "SELECT {schema}.discard_dead_letter(?, ?)";
    private static final String RETRY_ONE = PATIENCE + "SELECT {schema}.retry_parked_event(?, ?)";

    private static final String RESEND = PATIENCE
            + "SELECT r.resent, r.reached_seq, r.events_gone FROM {schema}.resend_dead_letters(?, ?, ?, ?, ?, ?, ?, ?) r";
    private static final String DISCARD = PATIENCE
            + "SELECT d.discarded, d.reached_seq, 0 FROM {schema}.discard_dead_letters(?, ?, ?, ?, ?, ?, ?, ?) d";
    private static final String RETRY =
            PATIENCE + "SELECT p.matched, p.reached_seq, 0 FROM {schema}.retry_parked_events(?, ?, ?, ?, ?, ?, ?, ?) p";

    private static final int BATCH = 1_000;

    private final Schema schema;
    private final ConnectionRunner calls;
    private final Look look;
    private final String patience;

    /** Reads from the primary. */
    @FunctionalInterface
    public interface Look {
        /** Reads. */
        <T> T at(String operation, ConnectionCall<T> query);
    }

    /**
     * The outbox of a schema.
     *
     * @param calls runs each call once, and lets it commit by itself
     * @param lockTimeout for how long the server waits for a lock
     */
    public SqlOutboxAdmin(Schema schema, ConnectionRunner calls, Look look, Duration lockTimeout) {
        this.schema = schema;
        this.calls = calls;
        this.look = look;
        patience = "{\"waitMillis\": " + lockTimeout.toMillis() + "}";
    }

    @Override
    public List<RelayStatus> relays() {
        return look.at("relays", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(schema.in(RELAYS))) {
                return Columns.list(statement, SqlOutboxAdmin::relay);
            }
        });
    }

    @Override
    public Optional<StoredEvent> event(UUID eventId) {
        Arguments.present("eventId", eventId);
        if (eventId.version() != 7 || eventId.variant() != 2) {
            return Optional.empty();
        }
        return look.at("event", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(schema.in(EVENT))) {
                new SqlArguments(statement).add(eventId).add(new SagaId(eventId).createdAt());
                return Columns.list(statement, SqlSagaHistory::event).stream().findFirst();
            }
        });
    }

    @Override
    public RelayRemoval removeRelay(String relay) {
        return remove(relay, false);
    }

    @Override
    public RelayRemoval removeRelayAtWork(String relay) {
        return remove(relay, true);
    }

    private RelayRemoval remove(String relay, boolean force) {
        Arguments.present("relay", relay);
        return call(
                "removeRelay",
                REMOVE_RELAY,
                arguments -> arguments.add(relay).add(force),
                row -> row.getBoolean("removed")
                        ? new RelayRemoval.Removed(row.getLong("parked"), row.getLong("dead_letters"))
                        : new RelayRemoval.NotRegistered(),
                SqlStates.OBJECT_IN_USE,
                new RelayRemoval.AtWork());
    }

    @Override
    public ResendResult resend(String relay, UUID eventId) {
        Arguments.present("relay", relay);
        Arguments.present("eventId", eventId);
        return call(
                "resend",
                RESEND_ONE,
                arguments -> arguments.add(relay).add(eventId),
                row -> row.getBoolean(1) ? ResendResult.RESENT : ResendResult.NO_DEAD_LETTER,
                SqlStates.NO_DATA_FOUND,
                ResendResult.EVENT_GONE);
    }

    @Override
    public boolean discard(String relay, UUID eventId) {
        return ofOne("discard", DISCARD_ONE, relay, eventId);
    }

    @Override
    public boolean retryNow(String relay, UUID eventId) {
        return ofOne("retryNow", RETRY_ONE, relay, eventId);
    }

    private boolean ofOne(String operation, String sql, String relay, UUID eventId) {
        Arguments.present("relay", relay);
        Arguments.present("eventId", eventId);
        return calls.run(
                operation,
                (connection, again) -> answer(
                        connection, sql, arguments -> arguments.add(relay).add(eventId), row -> row.getBoolean(1)));
    }

    @Override
    public Resent resend(String relay, FailedEventFilter filter, long atMost) {
        return inBatches("resend", RESEND, relay, filter, atMost);
    }

    @Override
    public long discard(String relay, FailedEventFilter filter, long atMost) {
        return inBatches("discard", DISCARD, relay, filter, atMost).resent();
    }

    @Override
    public long retryNow(String relay, FailedEventFilter filter, long atMost) {
        return inBatches("retryNow", RETRY, relay, filter, atMost).resent();
    }

    /**
     * One transaction after the other, each behind the numbers of the one before: so each event is met once, even if a relay has
     * failed with it again meanwhile.
     */
    private Resent inBatches(String operation, String sql, String relay, FailedEventFilter filter, long atMost) {
        Arguments.present("relay", relay);
        Arguments.present("filter", filter);
        if (atMost < 1) {
            throw new IllegalArgumentException("atMost must be at least 1 but is " + atMost);
        }
        long done = 0;
        long gone = 0;
        long reached = 0;
        while (true) {
            int wanted = (int) Math.min(BATCH, atMost - done);
            long behind = reached;
            long[] batch = calls.run(
                    operation,
                    (connection, again) ->
                            answer(connection, sql, arguments -> bind(arguments, relay, filter, wanted, behind), row ->
                                    new long[] {row.getLong(1), row.getLong(2), row.getLong(3)}));
            done += batch[0];
            reached = batch[1];
            gone += batch[2];
            if (batch[0] + batch[2] < wanted || done >= atMost) {
                return new Resent(done, gone);
            }
        }
    }

    private static SqlArguments bind(
            SqlArguments arguments, String relay, FailedEventFilter filter, int atMost, long behind)
            throws SQLException {
        return arguments
                .add(relay)
                .addText(filter.topic())
                .addText(filter.type())
                .addTime(filter.failedFrom())
                .addTime(filter.failedBefore())
                .addText(filter.errorContains())
                .add(atMost)
                .add(behind);
    }

    /** Binds the arguments of a function. */
    @FunctionalInterface
    private interface Binding {
        SqlArguments bind(SqlArguments arguments) throws SQLException;
    }

    /** Calls a function one of whose errors is an answer. */
    private <T> T call(
            String operation, String sql, Binding binding, Columns.RowReader<T> reader, String state, T instead) {
        return calls.run(operation, (connection, again) -> {
            try {
                return answer(connection, sql, binding, reader);
            } catch (SQLException e) {
                if (SqlStates.of(e).equals(state)) {
                    return instead;
                }
                throw e;
            }
        });
    }

    private <T> T answer(Connection connection, String sql, Binding binding, Columns.RowReader<T> reader)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(schema.in(sql))) {
            binding.bind(new SqlArguments(statement).add(patience));
            statement.execute();
            statement.getMoreResults();
            try (ResultSet row = statement.getResultSet()) {
                row.next();
                return reader.read(row);
            }
        }
    }

    private static RelayStatus relay(ResultSet row) throws SQLException {
        OutboxDepth depth = new OutboxDepth(
                Columns.optionalText(row, "relay_name"),
                Columns.optionalTime(row, "last_seen_at"),
                row.getLong("unpublished"),
                row.getBoolean("exact"),
                row.getLong("at_most"),
                Columns.optionalTime(row, "oldest_at"),
                Columns.optionalSeconds(row, "oldest_seconds"),
                row.getLong("parked"),
                row.getLong("dead_letters"));
        Instant registeredAt = Columns.time(row, "registered_at");
        return new RelayStatus(
                row.getString("relay_name"),
                registeredAt,
                row.getBoolean("seems_gone"),
                depth,
                Columns.optionalTime(row, "needed_from"),
                List.of((String[]) row.getArray("kept_partitions").getArray()));
    }
}
