package io.sagaz.bench.writes;

import com.zaxxer.hikari.HikariDataSource;
import io.sagaz.bench.Stage;
import io.sagaz.bench.load.Pools;
import io.sagaz.bench.load.TransactionOutboxes;
import io.sagaz.migrations.SagazMigrations;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** The tables of everybody, and as many partitions as there are after a year. */
final class WritesSchema {
    private static final int CONNECTIONS_OF_OWNER = 4;

    private final Stage stage;
    private final Stock stock;

    WritesSchema(Stage stage, Stock stock) {
        this.stage = stage;
        this.stock = stock;
    }

    /** Makes them. */
    void make() throws SQLException {
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
            statement.execute("""
                    SELECT create_saga_outbox_partition((now() AT TIME ZONE 'UTC')::date - n) FROM generate_series(1, 30) n
                    """);
            statement.execute(PgBench.MAKE_TABLE);
        }
        makeThoseOfOthers();
    }

    private void makeThoseOfOthers() throws SQLException {
        try (HikariDataSource owner = Pools.open(stage.pastAsOwner(), CONNECTIONS_OF_OWNER)) {
            TransactionOutboxes.migrate(owner);
            DbosContender.migrate(owner);
            AxonContender.createTables(owner);
        }
        try (Connection connection = stage.owner();
                Statement statement = connection.createStatement()) {
            // Axon makes none, and would read all associations to delete one.
            statement.execute("CREATE INDEX ON associationvalueentry (sagatype, associationkey, associationvalue)");
            statement.execute("CREATE INDEX ON associationvalueentry (sagaid, sagatype)");
        }
    }

    /** Empties them, so that every number of callers finds the same. */
    void empty() throws SQLException {
        stage.administer("TRUNCATE saga_executions, saga_steps, saga_audit_log, saga_outbox, sagaentry,"
                + " associationvalueentry, " + TransactionOutboxes.TABLE + ", " + DbosContender.SCHEMA
                + ".workflow_status, "
                + PgBench.TABLE + " CASCADE");
        stock.clear();
    }

    /** Has the planner know the tables, and nobody be busy with what was written. */
    void settle() throws SQLException {
        stage.administer("ANALYZE");
        stage.settle();
    }
}
