package io.sagaz.bench.partitions;

import io.sagaz.bench.Stage;
import io.sagaz.bench.report.Words;
import io.sagaz.migrations.SagazMigrations;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;

/**
 * Makes the tables that are compared and fills them: sagas spread evenly over twelve months, the oldest first, so that they
 * lie in the order of their time.
 */
final class SagaTables {
    private static final String COLUMNS = "saga_id, created_at, updated_at, completed_at, saga_name, status, context";

    /** Indexes of partitions and of plain tables grow with their rows, as in life. */
    private static final String PLAIN_TABLE =
            "CREATE TABLE %s (LIKE saga_executions INCLUDING ALL) WITH (fillfactor = 80)";

    /** Partitions have it from their table. */
    private static final String TRIGGER =
            "CREATE TRIGGER derived BEFORE INSERT OR UPDATE OF saga_id, created_at, status, unfinished, outcome ON %s"
                    + " FOR EACH ROW EXECUTE FUNCTION sagaz_complete_execution()";

    private static final String MAKE_BATCH = """
            INSERT INTO bench_batch (%s)
            SELECT sagaz_uuid7(at), at, at + interval '2 seconds',
                   CASE WHEN status <> 'RUNNING' THEN at + interval '2 seconds' END,
                   'saga-' || n %% 20, status,
                   jsonb_build_object('order', n, 'customer', md5(n::text), 'amount', n %% 1000, 'currency', 'EUR')
              FROM (SELECT n,
                           date_trunc('milliseconds', ?::timestamptz + n * ?::float8 * interval '1 microsecond') AS at,
                           CASE WHEN n * 7919 %% 1000 < 970 THEN 'SUCCESS'
                                WHEN n * 7919 %% 1000 < 990 THEN 'FAILED'
                                WHEN n * 7919 %% 1000 < 995 THEN 'COMPENSATED'
                                ELSE 'RUNNING' END AS status
                      FROM generate_series(?::bigint, ?::bigint) n) saga
            """.formatted(COLUMNS);

    private static final String TAKE_BATCH = "INSERT INTO %1$s (%2$s) SELECT %2$s FROM bench_batch ORDER BY created_at";

    private final Stage stage;
    private final PartitionSizes.Tables sizes;

    SagaTables(Stage stage, PartitionSizes.Tables sizes) {
        this.stage = stage;
        this.sizes = sizes;
    }

    /** Makes and fills all, and gives the time of the youngest saga. */
    OffsetDateTime make() throws SQLException {
        // Neither a checkpoint nor an autovacuum is to hit one of them and not the others, once they are filled.
        stage.administer(
                "ALTER SYSTEM SET max_wal_size = '4GB'",
                "ALTER SYSTEM SET checkpoint_timeout = '1h'",
                "ALTER SYSTEM SET autovacuum = off",
                "SELECT pg_reload_conf()");
        SagazMigrations.of(stage.asOwner("public")).migrate();
        try (Connection connection = stage.owner();
                Statement statement = connection.createStatement()) {
            statement.execute("""
                    SELECT create_saga_executions_partition((now() AT TIME ZONE 'UTC' - n * interval '1 month')::date)
                      FROM generate_series(1, 12) n
                    """);
            makePlain(statement, TableKind.PLAIN.table());
            makePlain(statement, TableKind.INDEXED.table());
            statement.execute("CREATE INDEX bench_indexed_time_idx ON bench_indexed (created_at)");
            fill(connection, statement);
        }
        for (TableKind kind : TableKind.values()) {
            stage.progress().step("Vacuuming: " + kind.label());
            stage.administer("VACUUM (ANALYZE) " + kind.table());
        }
        stage.progress().step("Waiting for the replica and a checkpoint");
        stage.settle();
        return newest();
    }

    /** A table like a partition of sagas, of no table. */
    static void makePlain(Statement statement, String table) throws SQLException {
        statement.execute(PLAIN_TABLE.formatted(table));
        statement.execute(TRIGGER.formatted(table));
    }

    private void fill(Connection connection, Statement statement) throws SQLException {
        statement.execute("SET synchronous_commit = off");
        statement.execute("CREATE TEMPORARY TABLE bench_batch AS SELECT " + COLUMNS + " FROM saga_executions LIMIT 0");
        OffsetDateTime first = first(statement);
        double microsApart = microsApart(statement);
        stage.progress().step("Filling three tables with " + Words.count(sizes.rows()) + " sagas each");
        try (PreparedStatement make = connection.prepareStatement(MAKE_BATCH)) {
            for (long done = 0; done < sizes.rows(); done += sizes.batch()) {
                make.setObject(1, first);
                make.setDouble(2, microsApart);
                make.setLong(3, done);
                make.setLong(4, Math.min(sizes.rows(), done + sizes.batch()) - 1);
                make.execute();
                for (TableKind kind : TableKind.values()) {
                    statement.execute(TAKE_BATCH.formatted(kind.table(), COLUMNS));
                }
                statement.execute("TRUNCATE bench_batch");
                stage.progress().at("saga", Math.min(sizes.rows(), done + sizes.batch()), sizes.rows());
            }
        }
    }

    private OffsetDateTime first(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT now() - interval '12 months'")) {
            row.next();
            return row.getObject(1, OffsetDateTime.class);
        }
    }

    private double microsApart(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery(
                "SELECT extract(epoch FROM now() - (now() - interval '12 months'))::float8 * 1000000")) {
            row.next();
            return row.getDouble(1) / sizes.rows();
        }
    }

    private OffsetDateTime newest() throws SQLException {
        try (Connection connection = stage.owner();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT max(created_at) FROM bench_indexed")) {
            row.next();
            return row.getObject(1, OffsetDateTime.class);
        }
    }
}
