package io.sagaz.bench.outbox;

import com.zaxxer.hikari.HikariDataSource;
import io.sagaz.bench.Stage;
import io.sagaz.bench.load.Pools;
import io.sagaz.bench.load.TransactionOutboxes;
import io.sagaz.migrations.SagazMigrations;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** The outboxes of everybody, and as many partitions of Sagaz' as there are after a month. */
final class OutboxTables {
    /** What Sagaz writes when events are published. */
    static final List<String> OF_SAGAZ = List.of(
            "saga_outbox",
            "saga_outbox_relays",
            "saga_outbox_cursors",
            "saga_outbox_progress",
            "saga_outbox_members",
            "saga_outbox_parked",
            "saga_outbox_dead_letters");

    private static final int CONNECTIONS_OF_OWNER = 2;

    private OutboxTables() {}

    /** Makes them. */
    static void make(Stage stage) throws SQLException {
        // No checkpoint comes by itself while somebody is measured: it would hit one and not the others. Vacuum comes
        // often, for
        // it is the outbox with a status that lives by it.
        stage.administer(
                "ALTER SYSTEM SET max_wal_size = '8GB'",
                "ALTER SYSTEM SET checkpoint_timeout = '1h'",
                "ALTER SYSTEM SET autovacuum_naptime = '5s'",
                "SELECT pg_reload_conf()");
        SagazMigrations.of(stage.asOwner("public")).migrate();
        try (Connection connection = stage.owner();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "SELECT create_saga_outbox_partition((now() AT TIME ZONE 'UTC')::date - n) FROM generate_series(1, 30) n");
            StatusTable.make(connection);
            SchedulerTable.make(connection);
        }
        try (HikariDataSource owner = Pools.open(stage.pastAsOwner(), CONNECTIONS_OF_OWNER)) {
            TransactionOutboxes.migrate(owner);
        }
    }

    /** Empties them, and forgets all relays. */
    static void empty(Stage stage) throws SQLException {
        stage.administer("TRUNCATE " + String.join(", ", OF_SAGAZ) + ", " + StatusTable.NAME + ", "
                + SchedulerTable.NAME + ", " + TransactionOutboxes.TABLE);
    }

    /** Forgets a relay that is closed: the next one of its name begins with the first event. */
    static void forget(Stage stage, String relay) throws SQLException {
        stage.administer("DELETE FROM saga_outbox_relays WHERE relay_name = '" + relay + "'");
    }

    /** Has the planner know the tables, and nobody be busy with what was written. */
    static void settle(Stage stage) throws SQLException {
        stage.administer("VACUUM (ANALYZE)");
        stage.settle();
    }

    /** The rows of a table from which what is published is removed: whether there are any. */
    static Remainder rows(Stage stage, String table) {
        return () -> Long.parseLong(stage.ask("SELECT count(*) FROM (SELECT FROM " + table + " LIMIT 1) any_row"));
    }
}
