package io.sagaz.storage.postgres.internal.sql;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.StoredEvent;
import io.sagaz.storage.log.ParkedAttempt;
import io.sagaz.storage.log.ParkedKey;
import io.sagaz.storage.log.RelayMember.Acknowledgement;
import io.sagaz.storage.log.RelayStart;
import io.sagaz.storage.log.Settlement;
import io.sagaz.storage.log.ShardedEvent;
import io.sagaz.storage.log.Unpublished;
import io.sagaz.storage.log.VacuumHorizon;
import io.sagaz.storage.postgres.internal.jdbc.CommitPosition;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What a relay asks the database, one statement each ({@code V1_14__relay.sql}). Knows nothing of windows and shares. */
public final class SqlOutboxLog {
    private static final JsonFactory JSON = new JsonFactory();

    private final String register;
    private final String beginLife;
    private final String position;
    private final String read;
    private final String note;
    private final String keep;
    private final String leave;
    private final String parkedKeys;
    private final String parked;
    private final String settle;
    private final String horizon;

    /** The log of a schema. */
    public SqlOutboxLog(Schema schema) {
        register = schema.in("SELECT {schema}.sagaz_register_relay(?, ?, ?::timestamptz)");
        beginLife = schema.in("SELECT {schema}.sagaz_begin_outbox_life()");
        position = schema.in(
                "SELECT o.*, c.system_identifier FROM {schema}.sagaz_outbox_position() o, pg_control_system() c");
        read = schema.in(
                "SELECT event_id, seq, shard, saga_id, topic, partition_key, event_type, content_type, payload,"
                        + " payload_bytes, headers, found"
                        + " FROM {schema}.sagaz_read_outbox(?, ?, ?::pg_snapshot, ?::pg_snapshot, ?, ?, ?)");
        note = schema.in("SELECT {schema}.sagaz_note_progress(?::jsonb)");
        keep = schema.in("SELECT * FROM {schema}.sagaz_keep_shards(?, ?, ?, make_interval(secs => ?), ?)");
        leave = schema.in("SELECT {schema}.sagaz_leave_relay(?, ?)");
        parkedKeys = schema.in("SELECT * FROM {schema}.sagaz_parked_keys(?, ?)");
        parked = schema.in("SELECT * FROM {schema}.sagaz_due_events(?, ?::jsonb, ?)");
        settle = schema.in("SELECT {schema}.sagaz_settle_parked(?, ?, ?::jsonb)");
        horizon = schema.in("SELECT h.kind, h.holder, h.transactions, h.since,"
                + " pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS complete"
                + " FROM (SELECT) always LEFT JOIN {schema}.sagaz_vacuum_horizon h ON true"
                + " ORDER BY h.transactions DESC NULLS LAST");
    }

    /** See {@link io.sagaz.storage.log.OutboxLog#register}. */
    public boolean register(Connection connection, String relay, RelayStart start) throws SQLException {
        String place =
                start instanceof RelayStart.Beginning ? "BEGINNING" : start instanceof RelayStart.Now ? "NOW" : "TIME";
        Instant since = start instanceof RelayStart.At at ? at.time() : Instant.EPOCH;
        try (PreparedStatement statement = connection.prepareStatement(register)) {
            new SqlArguments(statement).add(relay).add(place).add(since);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }

    /** See {@link io.sagaz.storage.log.OutboxLog#vacuumHorizon}. */
    public VacuumHorizon horizon(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(horizon);
                ResultSet row = statement.executeQuery()) {
            List<VacuumHorizon.Holder> holders = new ArrayList<>();
            boolean complete = false;
            while (row.next()) {
                complete = row.getBoolean("complete");
                String kind = row.getString("kind");
                if (kind != null) {
                    holders.add(new VacuumHorizon.Holder(
                            VacuumHorizon.Kind.valueOf(kind),
                            row.getString("holder"),
                            row.getLong("transactions"),
                            Columns.optionalTime(row, "since")));
                }
            }
            return new VacuumHorizon(holders, complete);
        }
    }

    /**
     * How far the log is.
     *
     * @param life null after a crash, until it is {@linkplain #beginLife begun}
     */
    public record Position(
            @Nullable UUID life, long lastSeq, String snapshot, long nextTransaction, CommitPosition inserted) {}

    /** How far the log is; on a connection in autocommit. */
    public Position position(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(position);
                ResultSet row = statement.executeQuery()) {
            row.next();
            return new Position(
                    row.getObject("life", UUID.class),
                    row.getLong("last_seq"),
                    row.getString("snapshot"),
                    row.getLong("next_transaction"),
                    new CommitPosition(
                            row.getString("inserted"), row.getString("timeline"), row.getLong("system_identifier")));
        }
    }

    /** Gives the primary an identity for the time until its next crash, unless it has one. */
    public void beginLife(Connection connection) throws SQLException {
        execute(connection.prepareStatement(beginLife));
    }

    /**
     * Which events are asked for.
     *
     * @param life of the primary; null for a replica that is known to have what is asked for
     */
    public record Window(@Nullable UUID life, long afterSeq, String low, String high, long shards) {}

    /**
     * Events of a window.
     *
     * @param mayHaveMore whether there may be more behind them
     */
    public record Events(List<ShardedEvent> events, boolean mayHaveMore) {}

    /** The first events of a window. */
    public Events read(Connection connection, Window window, int events, long bytes) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(read)) {
            new SqlArguments(statement)
                    .add(window.life())
                    .add(window.afterSeq())
                    .add(window.low())
                    .add(window.high())
                    .add(window.shards())
                    .add(events)
                    .add(bytes);
            try (ResultSet row = statement.executeQuery()) {
                List<ShardedEvent> read = new ArrayList<>();
                long found = 0;
                while (row.next()) {
                    read.add(event(row));
                    found = row.getLong("found");
                }
                return new Events(read, found >= events || read.size() < found);
            }
        }
    }

    /** How far a cursor is. */
    public record Progress(long shards, String published, Optional<String> target, long position, long lowSeq) {}

    /** Notes that the events up to there are published, but for some. */
    public Acknowledgement note(
            Connection connection,
            String relay,
            UUID instance,
            UUID life,
            long number,
            Progress progress,
            List<Unpublished> exceptions)
            throws SQLException {
        String request = json(json -> {
            json.writeStartObject();
            json.writeStringField("relay", relay);
            json.writeStringField("instance", instance.toString());
            json.writeStringField("life", life.toString());
            json.writeNumberField("number", number);
            json.writeNumberField("shards", progress.shards());
            json.writeStringField("published", progress.published());
            if (progress.target().isPresent()) {
                json.writeStringField("target", progress.target().get());
            }
            json.writeNumberField("position", progress.position());
            json.writeNumberField("lowSeq", progress.lowSeq());
            if (!exceptions.isEmpty()) {
                writeExceptions(json, "parked", exceptions, false);
                writeExceptions(json, "dead", exceptions, true);
            }
            json.writeEndObject();
        });
        try (PreparedStatement statement = connection.prepareStatement(note)) {
            new SqlArguments(statement).add(request);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return Acknowledgement.valueOf(row.getString(1));
            }
        }
    }

    private static void writeExceptions(JsonGenerator json, String name, List<Unpublished> exceptions, boolean dead)
            throws IOException {
        json.writeArrayFieldStart(name);
        for (Unpublished exception : exceptions) {
            if (exception.retryIn().isEmpty() != dead) {
                continue;
            }
            json.writeStartObject();
            json.writeStringField("id", exception.event().event().id().toString());
            json.writeNumberField("seq", exception.event().event().number());
            json.writeNumberField("shard", exception.event().shard());
            json.writeStringField("key", exception.event().orderingKey());
            json.writeNumberField("attempts", exception.attempts());
            if (exception.retryIn().isPresent()) {
                json.writeNumberField(
                        "delaySeconds", seconds(exception.retryIn().get()));
            }
            if (exception.error().isPresent()) {
                json.writeStringField("error", exception.error().get());
            }
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    /**
     * A shard of an instance, and its cursor as it is kept.
     *
     * @param restarted whether the numbers of transactions have become others, so that only lowSeq holds
     */
    public record Shard(
            int shard,
            String published,
            Optional<String> target,
            long position,
            long lowSeq,
            boolean restarted,
            boolean taken,
            int members) {}

    /** Keeps and takes shards; returns those that the instance has then. */
    public List<Shard> keep(
            Connection connection, String relay, UUID instance, String name, Duration lease, long release)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(keep)) {
            new SqlArguments(statement)
                    .add(relay)
                    .add(instance)
                    .add(name)
                    .add(seconds(lease))
                    .add(release);
            return Columns.list(
                    statement,
                    row -> new Shard(
                            row.getInt("shard"),
                            row.getString("published"),
                            Columns.optionalText(row, "target"),
                            row.getLong("position"),
                            row.getLong("low_seq"),
                            row.getBoolean("restarted"),
                            row.getBoolean("taken"),
                            row.getInt("members")));
        }
    }

    /** Gives all shards of an instance back. */
    public void leave(Connection connection, String relay, UUID instance) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(leave);
        new SqlArguments(statement).add(relay).add(instance);
        execute(statement);
    }

    /** The keys of parked events in the shards of an instance. */
    public List<ParkedKey> parkedKeys(Connection connection, String relay, UUID instance) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(parkedKeys)) {
            new SqlArguments(statement).add(relay).add(instance);
            return Columns.list(
                    statement,
                    row -> new ParkedKey(
                            row.getInt("shard"),
                            row.getString("ordering_key"),
                            Columns.seconds(row, "due_in_seconds")));
        }
    }

    /** The first parked events of keys. */
    public List<ParkedAttempt> parked(Connection connection, String relay, Collection<ParkedKey> keys, int each)
            throws SQLException {
        String request = json(json -> {
            json.writeStartArray();
            for (ParkedKey key : keys) {
                json.writeStartObject();
                json.writeNumberField("shard", key.shard());
                json.writeStringField("key", key.orderingKey());
                json.writeEndObject();
            }
            json.writeEndArray();
        });
        try (PreparedStatement statement = connection.prepareStatement(parked)) {
            new SqlArguments(statement).add(relay).add(request).add(each);
            return Columns.list(
                    statement,
                    row -> new ParkedAttempt(
                            Columns.uuid(row, "event_id"),
                            row.getInt("shard"),
                            row.getString("ordering_key"),
                            row.getString("topic") == null ? Optional.empty() : Optional.of(event(row)),
                            row.getInt("attempts"),
                            Columns.seconds(row, "due_in_seconds")));
        }
    }

    /** Says what came of parked events. */
    public void settle(Connection connection, String relay, UUID instance, List<Settlement> settlements)
            throws SQLException {
        String request = json(json -> {
            json.writeStartArray();
            for (Settlement settlement : settlements) {
                write(json, settlement);
            }
            json.writeEndArray();
        });
        PreparedStatement statement = connection.prepareStatement(settle);
        new SqlArguments(statement).add(relay).add(instance).add(request);
        execute(statement);
    }

    private static void write(JsonGenerator json, Settlement settlement) throws IOException {
        json.writeStartObject();
        json.writeStringField("id", settlement.id().toString());
        if (settlement instanceof Settlement.Failed failed) {
            json.writeStringField("outcome", "FAILED");
            json.writeNumberField("attempts", failed.attempts());
            json.writeNumberField("delaySeconds", seconds(failed.retryIn()));
            json.writeStringField("error", failed.error());
        } else if (settlement instanceof Settlement.Dead dead) {
            json.writeStringField("outcome", "DEAD");
            json.writeNumberField("attempts", dead.attempts());
            json.writeStringField("error", dead.error());
        } else {
            json.writeStringField("outcome", "PUBLISHED");
        }
        json.writeEndObject();
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1_000.0;
    }

    private static void execute(PreparedStatement prepared) throws SQLException {
        try (PreparedStatement statement = prepared) {
            statement.execute();
        }
    }

    private static ShardedEvent event(ResultSet row) throws SQLException {
        UUID id = Columns.uuid(row, "event_id");
        Optional<String> key = Columns.optionalText(row, "partition_key");
        Optional<SagaId> saga = Columns.optionalSagaId(row, "saga_id");
        StoredEvent event = new StoredEvent(
                id,
                new SagaId(id).createdAt(),
                row.getLong("seq"),
                saga,
                row.getString("topic"),
                key,
                Columns.optionalText(row, "event_type"),
                Columns.payload(row),
                headers(row.getString("headers")));
        String orderingKey = key.or(() -> saga.map(SagaId::toString)).orElseGet(id::toString);
        return new ShardedEvent(event, row.getInt("shard"), orderingKey);
    }

    /** Whoever writes SQL may put other things than texts there: those are told as they are written. */
    private static Map<String, String> headers(String text) {
        if (text.equals("{}")) {
            return Map.of();
        }
        Map<String, String> headers = new HashMap<>();
        try (JsonParser parser = JSON.createParser(text)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return Map.of();
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                boolean plain = !parser.nextToken().isStructStart();
                headers.put(name, plain ? parser.getText() : json(json -> json.copyCurrentStructure(parser)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return headers;
    }

    /** Writes a document. */
    @FunctionalInterface
    private interface Content {
        void write(JsonGenerator json) throws IOException;
    }

    private static String json(Content content) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            content.write(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }
}
