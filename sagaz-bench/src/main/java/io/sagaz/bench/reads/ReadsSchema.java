package io.sagaz.bench.reads;

import io.sagaz.bench.Stage;
import io.sagaz.bench.load.Orders;
import io.sagaz.migrations.SagazMigrations;
import io.sagaz.storage.SagaId;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** The tables of Sagaz, with as many partitions as there are after a year. */
final class ReadsSchema {
    private ReadsSchema() {}

    /** Makes them, and some sagas, and gives their ids. */
    static List<SagaId> make(Stage stage, int sagas) throws SQLException {
        // No checkpoint comes by itself while somebody is measured: it would hit one and not the others.
        stage.administer(
                "ALTER SYSTEM SET max_wal_size = '8GB'",
                "ALTER SYSTEM SET checkpoint_timeout = '1h'",
                "SELECT pg_reload_conf()");
        SagazMigrations.of(stage.asOwner("public")).migrate();
        try (Connection connection = stage.owner();
                Statement statement = connection.createStatement()) {
            statement.execute("""
                SELECT create_saga_executions_partition(month), create_saga_audit_log_partition(month)
                  FROM (SELECT (now() AT TIME ZONE 'UTC' - n * interval '1 month')::date AS month
                          FROM generate_series(1, 12) n) months
                """);
        }
        List<SagaId> ids = Orders.make(stage, sagas);
        stage.administer("VACUUM (ANALYZE)");
        stage.settle();
        return ids;
    }
}
