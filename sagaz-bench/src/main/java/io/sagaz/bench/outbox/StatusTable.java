package io.sagaz.bench.outbox;

import io.sagaz.storage.SagaId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;

/** An outbox as services write their own: a table of events with a status, which workers claim and then mark as published. */
final class StatusTable implements Appender {
    static final String NAME = "status_outbox";

    /** How many a worker claims at a time. */
    static final int CLAIM = 100;

    private static final String MAKE = """
            CREATE TABLE %s (
                event_id      uuid PRIMARY KEY,
                created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
                topic         text NOT NULL,
                partition_key text NOT NULL,
                event_type    text NOT NULL,
                payload       jsonb NOT NULL,
                status        text NOT NULL DEFAULT 'PENDING',
                attempts      integer NOT NULL DEFAULT 0,
                claimed_by    text,
                claimed_at    timestamptz,
                published_at  timestamptz)
            """.formatted(NAME);
    /** The kindest index: it has those that wait and no others. */
    private static final String INDEX = "CREATE INDEX ON " + NAME + " (created_at) WHERE status = 'PENDING'";

    private static final String INSERT = "INSERT INTO " + NAME
            + " (event_id, topic, partition_key, event_type, payload) VALUES (?, ?, ?, ?, ?::jsonb)";
    private static final String TAKE = """
            UPDATE %1$s SET status = 'CLAIMED', claimed_by = ?, claimed_at = clock_timestamp(), attempts = attempts + 1
             WHERE event_id IN (
                SELECT event_id FROM %1$s WHERE status = 'PENDING' ORDER BY created_at LIMIT %2$d FOR UPDATE SKIP LOCKED)
            RETURNING event_id, topic, partition_key, event_type, payload
            """.formatted(NAME, CLAIM);
    private static final String FINISH =
            "UPDATE " + NAME + " SET status = 'PUBLISHED', published_at = clock_timestamp() WHERE event_id = ?";

    private final DataSource pool;

    StatusTable(DataSource pool) {
        this.pool = pool;
    }

    /** Makes the table, as its owner. */
    static void make(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(MAKE);
            statement.execute(INDEX);
        }
    }

    /** By a statement for each event, in one transaction. */
    @Override
    public void append(long first, int events) throws SQLException {
        try (Connection connection = pool.getConnection();
                PreparedStatement statement = connection.prepareStatement(INSERT)) {
            connection.setAutoCommit(false);
            for (long number = first; number < first + events; number++) {
                statement.setObject(1, SagaId.next().value());
                statement.setString(2, Events.TOPIC);
                statement.setString(3, Events.key(number));
                statement.setString(4, Events.TYPE);
                statement.setString(5, Events.payload(number));
                statement.executeUpdate();
            }
            connection.commit();
        }
    }

    /** Claims some of those that have waited longest, and commits. */
    static List<UUID> claim(Connection connection, String worker) throws SQLException {
        List<UUID> claimed = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(TAKE)) {
            statement.setString(1, worker);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    claimed.add(row.getObject(1, UUID.class));
                    read(row);
                }
            }
        }
        return claimed;
    }

    /** A publisher would need them. */
    private static void read(ResultSet row) throws SQLException {
        for (int column = 2; column <= 5; column++) {
            var unused = row.getString(column);
        }
    }

    /** Marks one as published, and commits. */
    static void finish(Connection connection, UUID event) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(FINISH)) {
            statement.setObject(1, event);
            statement.executeUpdate();
        }
    }
}
