package io.sagaz.bench.partitions;

import io.sagaz.bench.Stage;
import io.sagaz.migrations.SagazMigrations;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.time.ZoneOffset;

/**
 * A schema with all the partitions that there are after a year, with rows: finished sagas with their steps and audit
 * entries, and events that a relay has published. Makes expired partitions again and again.
 */
final class UpkeepSchema {
    static final String NAME = "upkeep";

    static final int EXPIRED_MONTHS = 3;
    static final int EXPIRED_DAYS = 5;

    /** Of executions, steps and audit log in each month, and of the outbox in each day. */
    static final int EXPIRED = 3 * EXPIRED_MONTHS + EXPIRED_DAYS;

    /** What {@code partition_settings} says when nobody has changed it. */
    private static final int MONTHS_KEPT = 12;

    private static final int DAYS_KEPT = 30;

    private static final String MONTH = """
            WITH sagas AS (
                INSERT INTO {schema}.saga_executions
                       (saga_id, created_at, updated_at, completed_at, saga_name, status, context)
                SELECT {schema}.sagaz_uuid7(at), at, at, at, 'saga-' || n %% 20, 'SUCCESS', jsonb_build_object('order', n)
                  FROM (SELECT n, date_trunc('milliseconds', {schema}.sagaz_midnight('%1$s')
                                   + n * ({schema}.sagaz_midnight('%2$s') - {schema}.sagaz_midnight('%1$s')) / %3$d) AS at
                          FROM generate_series(0, %3$d - 1) n) saga
                RETURNING saga_id, created_at
            ), steps AS (
                INSERT INTO {schema}.saga_steps
                       (saga_id, created_at, started_at, completed_at, step_index, step_name, status)
                SELECT saga_id, created_at, created_at, created_at, n, 'step-' || n, 'SUCCESS'
                  FROM sagas, generate_series(0, 2) n
            )
            INSERT INTO {schema}.saga_audit_log (entry_id, created_at, saga_id, saga_version, event_type)
            SELECT {schema}.sagaz_uuid7(created_at), created_at, saga_id, n, 'SAGA_CHANGED'
              FROM sagas, generate_series(1, 2) n
            """;

    private static final String DAY = """
            INSERT INTO {schema}.saga_outbox (event_id, created_at, topic, partition_key, event_type, payload)
            SELECT {schema}.sagaz_uuid7(at), at, 'orders', n::text, 'placed', jsonb_build_object('order', n)
              FROM (SELECT n, date_trunc('milliseconds', {schema}.sagaz_midnight('%1$s')
                               + n * interval '1 day' / %2$d) AS at
                      FROM generate_series(0, %2$d - 1) n) event
            """;

    private final Stage stage;
    private final PartitionSizes.Upkeep sizes;

    UpkeepSchema(Stage stage, PartitionSizes.Upkeep sizes) {
        this.stage = stage;
        this.sizes = sizes;
    }

    /** Makes it, with everything that is to stay. */
    void make() throws SQLException {
        SagazMigrations.of(stage.asOwner(NAME)).migrate();
        try (Connection connection = stage.owner();
                Statement statement = connection.createStatement()) {
            execute(statement, "INSERT INTO {schema}.saga_outbox_relays (relay_name) VALUES ('bench')");
            execute(
                    statement,
                    "INSERT INTO {schema}.saga_outbox_cursors (relay_name, shard, published)"
                            + " SELECT 'bench', n, pg_current_snapshot() FROM generate_series(0, 63) n");
            LocalDate today = LocalDate.now(ZoneOffset.UTC);
            for (int months = 0; months <= MONTHS_KEPT; months++) {
                month(statement, today.minusMonths(months));
            }
            for (int days = 0; days <= DAYS_KEPT; days++) {
                day(statement, today.minusDays(days));
            }
            for (String table : new String[] {"saga_executions", "saga_steps", "saga_audit_log", "saga_outbox"}) {
                execute(statement, "VACUUM (ANALYZE) {schema}." + table);
            }
            publish(statement);
        }
    }

    /** Makes partitions that have expired and that nothing needs. */
    void makeExpired() throws SQLException {
        try (Connection connection = stage.owner();
                Statement statement = connection.createStatement()) {
            LocalDate today = LocalDate.now(ZoneOffset.UTC);
            for (int months = MONTHS_KEPT + 1; months <= MONTHS_KEPT + EXPIRED_MONTHS; months++) {
                LocalDate month = today.minusMonths(months);
                month(statement, month);
                // Long ago done in life; autovacuum shall not come for it now.
                String suffix = "_y%dm%02d".formatted(month.getYear(), month.getMonthValue());
                execute(
                        statement,
                        "VACUUM (ANALYZE) {schema}.saga_executions%1$s, {schema}.saga_steps%1$s, {schema}.saga_audit_log%1$s"
                                .formatted(suffix));
            }
            for (int days = DAYS_KEPT + 1; days <= DAYS_KEPT + EXPIRED_DAYS; days++) {
                LocalDate day = today.minusDays(days);
                day(statement, day);
                execute(
                        statement,
                        "VACUUM (ANALYZE) {schema}.saga_outbox_y%dm%02dd%02d"
                                .formatted(day.getYear(), day.getMonthValue(), day.getDayOfMonth()));
            }
            publish(statement);
        }
        stage.settle();
    }

    void drop() throws SQLException {
        stage.administer("DROP SCHEMA " + NAME + " CASCADE");
    }

    private void month(Statement statement, LocalDate day) throws SQLException {
        LocalDate first = day.withDayOfMonth(1);
        execute(
                statement,
                "SELECT {schema}.create_saga_executions_partition('%1$s'), {schema}.create_saga_audit_log_partition('%1$s')"
                        .formatted(first));
        execute(statement, MONTH.formatted(first, first.plusMonths(1), sizes.monthRows()));
    }

    private void day(Statement statement, LocalDate day) throws SQLException {
        execute(statement, "SELECT {schema}.create_saga_outbox_partition('%s')".formatted(day));
        execute(statement, DAY.formatted(day, sizes.dayRows()));
    }

    /** The relay has published what is there. */
    private static void publish(Statement statement) throws SQLException {
        execute(statement, "UPDATE {schema}.saga_outbox_cursors SET published = pg_current_snapshot()");
    }

    private static void execute(Statement statement, String sql) throws SQLException {
        statement.execute(sql.replace("{schema}", NAME));
    }
}
