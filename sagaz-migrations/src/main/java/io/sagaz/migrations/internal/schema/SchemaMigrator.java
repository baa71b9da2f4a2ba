package io.sagaz.migrations.internal.schema;

import io.sagaz.migrations.MigrationConfig;
import io.sagaz.migrations.MigrationException;
import io.sagaz.migrations.internal.jdbc.Connector;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.output.MigrateResult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Applies the migrations that are missing, all of them or none. For the one instance that has passed the gate. */
public final class SchemaMigrator {
    private static final Logger log = LoggerFactory.getLogger(SchemaMigrator.class);

    private static final int OLDEST_SERVER = 14;

    private final MigrationConfig config;
    private final Connector connector;

    /** For one schema. */
    public SchemaMigrator(MigrationConfig config, Connector connector) {
        this.config = config;
        this.connector = connector;
    }

    /**
     * Applies them.
     *
     * @param connection in autocommit; Flyway opens its own
     * @param history what it said a moment ago
     * @return how many were applied
     */
    public int migrate(Connection connection, SchemaHistory history) throws SQLException {
        refuseWhatCannotWork(connection);
        refuseForeignObjects(connection, history);
        boolean schemaIsNew = !exists(connection, "SELECT to_regnamespace(?::text) IS NOT NULL");
        boolean historyIsNew = !SchemaHistory.exists(connection, config.schema());
        try {
            return migrate();
        } catch (FlywayException e) {
            MigrationException failure = MigrationException.of(
                    "Cannot migrate " + target()
                            + "; nothing of it was changed, so the same can be tried again when the cause is gone",
                    e);
            try {
                undo(connection, schemaIsNew, historyIsNew);
            } catch (SQLException remains) {
                failure.addSuppressed(remains);
            }
            throw failure;
        }
    }

    /** Flyway would say it less clearly, and only after it has tried ten times in ten seconds. */
    private void refuseWhatCannotWork(Connection connection) throws SQLException {
        String sql = """
                SELECT current_setting('server_version_num')::int / 10000, pg_is_in_recovery(),
                    coalesce(has_schema_privilege(n.oid, 'CREATE'), has_database_privilege(current_database(), 'CREATE'))
                FROM (SELECT to_regnamespace(?::text)::oid AS oid) n
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, '"' + config.schema() + '"');
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                if (row.getInt(1) < OLDEST_SERVER) {
                    throw new MigrationException("PostgreSQL " + row.getInt(1) + " at " + config.shownUrl()
                            + " is too old: Sagaz needs " + OLDEST_SERVER + " or newer");
                }
                if (row.getBoolean(2)) {
                    throw new MigrationException("The server at " + config.shownUrl()
                            + " is a replica and cannot be migrated: give the URL of the primary");
                }
                if (!row.getBoolean(3)) {
                    throw new MigrationException("User " + config.user() + " has no right to create in schema "
                            + config.schema() + " at " + config.shownUrl()
                            + ": let the owner of the schema migrate, or grant it CREATE");
                }
            }
        }
    }

    private void refuseForeignObjects(Connection connection, SchemaHistory history) throws SQLException {
        MigrationVersion from = history.version().orElse(MigrationVersion.EMPTY);
        List<String> foreign = ForeignObjects.find(connection, config.schema(), from);
        if (!foreign.isEmpty()) {
            throw new MigrationException("In " + target() + " somebody else has made what Sagaz would make: "
                    + String.join(", ", foreign) + ". Nothing was changed. Give Sagaz a schema of its own"
                    + " (MigrationConfig.withSchema, RoutingSagaStore.Builder.schema), or move these away:"
                    + " docs/adoption.md says how, and how to bring their rows over. If Sagaz did make them, its history "
                    + SchemaHistory.TABLE + " is lost: restore it");
        }
    }

    private int migrate() {
        Flyway flyway = Flyway.configure(new HostBlindLoader(SchemaMigrator.class.getClassLoader()))
                .dataSource(new TransactionLocal(connector))
                .schemas(config.schema())
                .table(SchemaHistory.TABLE)
                .resourceProvider(new Scripts())
                .javaMigrationClassProvider(List::of)
                .placeholders(Map.of("sagazSchema", '"' + config.schema() + '"'))
                // Whatever the host application has in the schema, our history begins at 0.
                .baselineOnMigrate(true)
                .baselineVersion("0")
                .baselineDescription("Before Sagaz")
                .cleanDisabled(true)
                // One transaction for all of them.
                .group(true)
                .load();
        MigrateResult result = flyway.migrate();
        result.migrations.forEach(migration -> log.info(
                "Applied migration {} ({}) to schema {}", migration.version, migration.description, config.schema()));
        return result.migrationsExecuted;
    }

    /** Flyway makes schema and history before it begins; a failure leaves them behind, empty. */
    private void undo(Connection connection, boolean schemaIsNew, boolean historyIsNew) throws SQLException {
        String schema = '"' + config.schema() + '"';
        try (Statement statement = connection.createStatement()) {
            if (historyIsNew
                    && SchemaHistory.of(connection, config.schema()).version().isEmpty()) {
                statement.execute("DROP TABLE IF EXISTS " + schema + "." + SchemaHistory.TABLE);
            }
            if (schemaIsNew) {
                statement.execute("DROP SCHEMA IF EXISTS " + schema);
            }
        }
    }

    private boolean exists(Connection connection, String question) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(question)) {
            statement.setString(1, '"' + config.schema() + '"');
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }

    private String target() {
        return "schema " + config.schema() + " at " + config.shownUrl();
    }
}
