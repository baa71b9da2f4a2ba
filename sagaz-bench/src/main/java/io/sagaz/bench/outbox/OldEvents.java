package io.sagaz.bench.outbox;

import io.sagaz.bench.Stage;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.time.ZoneOffset;

/** Events that are published and have expired, in partitions of their days. Made again and again. */
final class OldEvents {
    /** What {@code partition_settings} says when nobody has changed it. */
    static final int DAYS_KEPT = 30;

    private static final String RELAY = """
            WITH relay AS (
                INSERT INTO saga_outbox_relays (relay_name) VALUES ('retention') ON CONFLICT DO NOTHING)
            INSERT INTO saga_outbox_cursors (relay_name, shard, published)
            SELECT 'retention', n, pg_current_snapshot() FROM generate_series(0, 63) n ON CONFLICT DO NOTHING
            """;
    private static final String PUBLISH = """
            UPDATE saga_outbox_cursors
               SET published = pg_current_snapshot(), low_seq = (SELECT last_value FROM saga_outbox_seq)
            """;
    private static final String FILL = """
            INSERT INTO saga_outbox (event_id, created_at, shard, topic, partition_key, event_type, payload)
            SELECT sagaz_uuid7(at), at, n & 63, '%s', 'customer-' || n %% %d, '%s', '%s'
              FROM (SELECT n, date_trunc('milliseconds', sagaz_midnight('%s') + n * interval '1 day' / %d) AS at
                      FROM generate_series(0, %6$d - 1) n) event
            """;

    private final Stage stage;
    private final OutboxSizes.Retention sizes;

    OldEvents(Stage stage, OutboxSizes.Retention sizes) {
        this.stage = stage;
        this.sizes = sizes;
    }

    /** Makes all of them. */
    void make() throws SQLException {
        LocalDate today = LocalDate.now(ZoneOffset.UTC);
        for (int days = DAYS_KEPT + 1; days <= DAYS_KEPT + sizes.partitions(); days++) {
            LocalDate day = today.minusDays(days);
            try (Connection connection = stage.owner();
                    Statement statement = connection.createStatement()) {
                statement.execute("SELECT create_saga_outbox_partition('" + day + "')");
            }
            stage.administer(
                    // Without the trigger, which does nothing here that the statement does not do.
                    "SET session_replication_role = replica",
                    FILL.formatted(Events.TOPIC, Events.KEYS, Events.TYPE, Events.payload(0), day, sizes.events()),
                    // Long ago done in life; autovacuum shall not come for it now.
                    "VACUUM (ANALYZE) saga_outbox_y%dm%02dd%02d"
                            .formatted(day.getYear(), day.getMonthValue(), day.getDayOfMonth()));
        }
        stage.administer(RELAY, PUBLISH);
    }

    /** Deletes all of them, and leaves the partitions. */
    void delete() throws SQLException {
        try (Connection connection = stage.owner();
                Statement statement = connection.createStatement()) {
            int deleted = statement.executeUpdate("DELETE FROM saga_outbox WHERE created_at < sagaz_midnight('"
                    + LocalDate.now(ZoneOffset.UTC).minusDays(DAYS_KEPT) + "')");
            if (deleted != sizes.all()) {
                throw new IllegalStateException(sizes.all() + " events were to be deleted, but " + deleted + " were");
            }
        }
    }
}
