package io.sagaz.bench.outbox;

import io.sagaz.storage.SagaId;
import java.io.IOException;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.postgresql.PGConnection;

/** Writes the rows of Sagaz' outbox by COPY, a transaction each time. */
final class CopyAppender implements Appender {
    private static final String COPY =
            "COPY saga_outbox (event_id, created_at, topic, partition_key, event_type, payload) FROM STDIN";

    private final DataSource pool;

    CopyAppender(DataSource pool) {
        this.pool = pool;
    }

    @Override
    public void append(long first, int events) throws SQLException {
        StringBuilder rows = new StringBuilder();
        for (long number = first; number < first + events; number++) {
            SagaId id = SagaId.next();
            // Nothing in it would have to be escaped.
            rows.append(id.value()).append('\t');
            rows.append(id.createdAt()).append('\t');
            rows.append(Events.TOPIC).append('\t');
            rows.append(Events.key(number)).append('\t');
            rows.append(Events.TYPE).append('\t');
            rows.append(Events.payload(number)).append('\n');
        }
        try (Connection connection = pool.getConnection()) {
            connection.unwrap(PGConnection.class).getCopyAPI().copyIn(COPY, new StringReader(rows.toString()));
        } catch (IOException e) {
            throw new IllegalStateException("A text could not be read", e);
        }
    }
}
