package io.sagaz.storage.postgres.internal.sql;

import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaStatus;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
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
}
