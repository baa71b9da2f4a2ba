package io.sagaz.bench.outbox;

import io.sagaz.storage.SagaId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;

/** Inserts the rows of Sagaz' outbox by one plain statement with a list of values for each row. */
final class RowsAppender implements Appender {
    private static final String INSERT =
            "INSERT INTO saga_outbox (event_id, created_at, topic, partition_key, event_type, payload) VALUES ";
    private static final String ROW = "(?, ?, ?, ?, ?, ?::jsonb)";

    private final DataSource pool;
    private final Map<Integer, String> statements = new ConcurrentHashMap<>();

    RowsAppender(DataSource pool) {
        this.pool = pool;
    }

    @Override
    public void append(long first, int events) throws SQLException {
        String sql = statements.computeIfAbsent(events, RowsAppender::statement);
        try (Connection connection = pool.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            int place = 1;
            for (long number = first; number < first + events; number++) {
                SagaId id = SagaId.next();
                statement.setObject(place++, id.value());
                statement.setObject(place++, id.createdAt().atOffset(ZoneOffset.UTC));
                statement.setString(place++, Events.TOPIC);
                statement.setString(place++, Events.key(number));
                statement.setString(place++, Events.TYPE);
                statement.setString(place++, Events.payload(number));
            }
            statement.executeUpdate();
        }
    }

    private static String statement(int rows) {
        return INSERT + ROW + (", " + ROW).repeat(rows - 1);
    }
}
