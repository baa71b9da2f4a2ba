package io.sagaz.storage.postgres.internal.sql;

import io.sagaz.storage.TimeSpan;
import java.sql.Array;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Binds the arguments of a statement from left to right. */
final class SqlArguments {
    private final PreparedStatement statement;
    private int index;

    SqlArguments(PreparedStatement statement) {
        this.statement = statement;
    }

    SqlArguments add(@Nullable Object value) throws SQLException {
        statement.setObject(++index, value);
        return this;
    }

    SqlArguments add(Instant time) throws SQLException {
        // The driver takes no Instant, and a time without an offset would be read in the session's time zone.
        return add((Object) OffsetDateTime.ofInstant(time, ZoneOffset.UTC));
    }

    SqlArguments add(TimeSpan span) throws SQLException {
        return add(span.from()).add(span.before());
    }

    SqlArguments addText(Optional<String> text) throws SQLException {
        statement.setString(++index, text.orElse(null));
        return this;
    }

    SqlArguments addTime(Optional<Instant> time) throws SQLException {
        statement.setObject(
                ++index,
                time.map(given -> OffsetDateTime.ofInstant(given, ZoneOffset.UTC))
                        .orElse(null),
                Types.TIMESTAMP_WITH_TIMEZONE);
        return this;
    }

    /** One array of texts, an element for each row; the statement casts it. */
    <R> SqlArguments addColumn(List<R> rows, Function<R, @Nullable Object> column) throws SQLException {
        @Nullable String[] texts = new @Nullable String[rows.size()];
        for (int i = 0; i < texts.length; i++) {
            Object value = column.apply(rows.get(i));
            texts[i] = value == null ? null : value.toString();
        }
        Array array = statement.getConnection().createArrayOf("text", texts);
        statement.setArray(++index, array);
        return this;
    }
}
