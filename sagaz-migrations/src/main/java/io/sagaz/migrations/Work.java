package io.sagaz.migrations;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.output.MigrateResult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the one instance does that passed the gate, and the account of it. Not thread-safe. */
final class Work {
    private static final Logger log = LoggerFactory.getLogger(SagazMigrations.class);

    private static final int OLDEST_SERVER = 14;

    private final MigrationConfig config;
    private final Connector connector;
    private final Set<String> created = new LinkedHashSet<>();
    private int applied;

    Work(MigrationConfig config, Connector connector) {
        this.config = config;
        this.connector = connector;
    }

    /** Does what is still missing now that the gate is passed: another instance may have done it. */
    void run() throws SQLException {
        try (Connection connection = connector.open()) {
            Survey survey = Survey.of(connection, config.schema());
            if (survey.isBehind()) {
                refuseWhatCannotWork(connection);
                applyMigrations();
                survey = Survey.of(connection, config.schema());
            }
            for (Survey.Planned partition : survey.partitions()) {
                if (!partition.present()) {
                    create(connection, partition);
                }
            }
        }
    }

    /** Flyway would say it less clearly, and only after it has tried ten times in ten seconds. */
    private void refuseWhatCannotWork(Connection connection) throws SQLException {
        String sql = """
                SELECT current_setting('server_version_num')::int / 10000, pg_is_in_recovery(),
                    coalesce(has_schema_privilege(n.oid, 'CREATE'), has_database_privilege(current_database(), 'CREATE'))
                FROM (SELECT to_regnamespace(?)::oid AS oid) n
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

    private void applyMigrations() {
        Flyway flyway = Flyway.configure(new HostBlindLoader(Work.class.getClassLoader()))
                .dataSource(new TransactionLocal(connector))
                .schemas(config.schema())
                .table(Survey.HISTORY)
                .resourceProvider(new Scripts())
                .javaMigrationClassProvider(List::of)
                .placeholders(Map.of("sagazSchema", '"' + config.schema() + '"'))
                // Whatever the host application has in the schema, our history begins at 0.
                .baselineOnMigrate(true)
                .baselineVersion("0")
                .baselineDescription("Before Sagaz")
                .cleanDisabled(true)
                .load();
        try {
            MigrateResult result = flyway.migrate();
            applied += result.migrationsExecuted;
            result.migrations.forEach(migration -> log.info(
                    "Applied migration {} ({}) to schema {}",
                    migration.version,
                    migration.description,
                    config.schema()));
        } catch (FlywayException e) {
            throw MigrationException.of("Cannot migrate schema " + config.schema() + " at " + config.shownUrl(), e);
        }
    }

    /** In a transaction of its own; what is in the way of it is given time to go. */
    private void create(Connection connection, Survey.Planned partition) throws SQLException {
        Deadline deadline = Deadline.after(config.lockWait());
        while (true) {
            try (PreparedStatement statement =
                    connection.prepareStatement("SELECT \"" + config.schema() + "\".sagaz_create_partition(?, ?)")) {
                statement.setString(1, partition.table());
                statement.setObject(2, partition.firstDay());
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    if (row.getBoolean(1)) {
                        created.add(partition.partition());
                        log.info("Created partition {} in schema {}", partition.partition(), config.schema());
                    }
                }
                return;
            } catch (SQLException e) {
                if (SqlStates.isConnectionLost(e)) {
                    throw e; // The next connection goes on from here.
                }
                if (!SqlStates.isLockedOut(e) || deadline.isOver()) {
                    throw MigrationException.of(
                            "Cannot create partition " + partition.partition() + " in schema " + config.schema()
                                    + " at " + config.shownUrl() + " after " + deadline.elapsed(),
                            e);
                }
                log.info("Trying partition {} again after: {}", partition.partition(), e.getMessage());
                deadline.pause();
            }
        }
    }

    MigrationReport report(Survey survey, Duration took) {
        return new MigrationReport(
                applied,
                survey.version().orElseThrow().getVersion(),
                survey.partitions().stream()
                        .map(partition -> new PartitionAction(
                                created.contains(partition.partition())
                                        ? PartitionAction.Kind.CREATED
                                        : PartitionAction.Kind.EXISTED,
                                partition.table(),
                                partition.partition()))
                        .toList(),
                took);
    }
}
