package io.sagaz.storage.postgres.internal.sql;

import io.sagaz.storage.EventPayload;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaStatus;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Reads columns into the types of the store. */
final class Columns {
    private Columns() {}

    static SagaId sagaId(ResultSet row, String column) throws SQLException {
        return new SagaId(row.getObject(column, UUID.class));
    }

    static SagaStatus sagaStatus(ResultSet row, String column) throws SQLException {
        return SagaStatus.valueOf(row.getString(column));
    }

    static Instant time(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    static Optional<Instant> optionalTime(ResultSet row, String column) throws SQLException {
        @Nullable OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return Optional.ofNullable(time).map(OffsetDateTime::toInstant);
    }

    static Optional<String> optionalText(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getString(column));
    }

    /** A time; empty for one without bounds, too. */
    static Optional<Instant> optionalFiniteTime(ResultSet row, String column) throws SQLException {
        @Nullable OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return Optional.ofNullable(time)
                .filter(t -> !t.equals(OffsetDateTime.MIN) && !t.equals(OffsetDateTime.MAX))
                .map(OffsetDateTime::toInstant);
    }

    /** Empty also for what cannot be a saga: nothing keeps those who write SQL from telling an event a UUID of another kind. */
    static Optional<SagaId> optionalSagaId(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getObject(column, UUID.class))
                .filter(id -> id.version() == 7 && id.variant() == 2)
                .map(SagaId::new);
    }

    static UUID uuid(ResultSet row, String column) throws SQLException {
        return row.getObject(column, UUID.class);
    }

    /** A duration that the server tells in seconds, to the microsecond that it knows. */
    static Duration seconds(ResultSet row, String column) throws SQLException {
        return duration(row.getDouble(column));
    }

    static Optional<Duration> optionalSeconds(ResultSet row, String column) throws SQLException {
        double seconds = row.getDouble(column);
        return row.wasNull() ? Optional.empty() : Optional.of(duration(seconds));
    }

    private static Duration duration(double seconds) {
        return Duration.of(Math.round(seconds * 1e6), ChronoUnit.MICROS);
    }

    /** What an event says, from the columns of the outbox. */
    static EventPayload payload(ResultSet row) throws SQLException {
        Optional<String> json = optionalText(row, "payload");
        if (json.isPresent()) {
            return new EventPayload.Json(json.get());
        }
        String type = optionalText(row, "content_type").orElse("application/octet-stream");
        return new EventPayload.Bytes(row.getBytes("payload_bytes"), type);
    }

    /** Names and values, from an array of pairs. */
    static Map<String, String> pairs(ResultSet row, String column) throws SQLException {
        Map<String, String> pairs = new HashMap<>();
        for (Object pair : (Object[]) row.getArray(column).getArray()) {
            @Nullable String[] both = (@Nullable String[]) pair;
            // What is null is no text; nobody who emits events writes that, but SQL may.
            pairs.put(String.valueOf(both[0]), String.valueOf(both[1]));
        }
        return pairs;
    }

    /** All rows of a statement. */
    static <T> List<T> list(PreparedStatement statement, RowReader<T> reader) throws SQLException {
        try (ResultSet row = statement.executeQuery()) {
            List<T> rows = new ArrayList<>();
            while (row.next()) {
                rows.add(reader.read(row));
            }
            return List.copyOf(rows);
        }
    }

    /** Makes a value of the present row. */
    @FunctionalInterface
    interface RowReader<T> {
        T read(ResultSet row) throws SQLException;
    }
}
