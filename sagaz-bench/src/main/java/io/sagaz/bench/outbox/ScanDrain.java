package io.sagaz.bench.outbox;

import io.sagaz.bench.Stage;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** No relay, but what one could not be faster than: reads all rows of Sagaz' outbox through a cursor, in no order. */
final class ScanDrain implements Drain {
    static final int FETCH = 1_000;

    private static final String SCAN = """
            SELECT event_id, seq, shard, saga_id, topic, partition_key, event_type, content_type, payload, payload_bytes, headers
              FROM saga_outbox
            """;

    private final Connection connection;
    private final Published published = new Published();

    ScanDrain(Stage stage) throws SQLException {
        connection = stage.service();
    }

    /** All of it at once. */
    @Override
    public void start() throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(FETCH);
            try (ResultSet row = statement.executeQuery(SCAN)) {
                int columns = row.getMetaData().getColumnCount();
                while (row.next()) {
                    for (int column = 1; column <= columns; column++) {
                        var unused = row.getString(column);
                    }
                    published.add(1);
                }
            }
        }
        connection.commit();
    }

    @Override
    public Published published() {
        return published;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
