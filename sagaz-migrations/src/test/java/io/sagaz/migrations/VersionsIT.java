package io.sagaz.migrations;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.migrations.Lab.Database;
import io.sagaz.migrations.Lab.Route;
import io.sagaz.migrations.RetentionIT.Way;
import io.sagaz.migrations.internal.schema.Scripts;
import io.sagaz.testkit.TestDatabase;
import io.sagaz.testkit.Topology;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** On each version of PostgreSQL: the commands of the reference deployment's own documents, unchanged, and upkeep. */
class VersionsIT {
    @ParameterizedTest
    @ValueSource(ints = {14, 15, 16, 17, 18})
    void theReferencesCommandsAndUpkeepWork(int major) throws SQLException {
        try (Topology topology = Topology.builder().postgres(major).replicas(1).start();
                TestDatabase test = topology.newDatabase()) {
            Database database = new Database(test);
            assertThat(SagazMigrations.of(database.config(Route.POOLED))
                            .migrate()
                            .applied())
                    .isEqualTo(Scripts.NAMES.size());
            SagazMigrations.of(database.config(Route.DIRECT)).check();
            try (Connection primary = database.superuser()) {
                assertThat(Sql.value(primary, "SHOW server_version_num")).startsWith(Integer.toString(major));
                theCommandsOfTheReference(database, primary);
            }
            for (Way way : Way.values()) {
                oldPartitionsGo(way, database);
            }
        }
    }

    private static void theCommandsOfTheReference(Database database, Connection primary) throws SQLException {
        // Rows of last month, so that more than one partition has some.
        Rows.saga(primary, Rows.monthsAgo(primary, 1), "SUCCESS");
        Sql.run(primary, "INSERT INTO saga_executions (saga_name, status) VALUES ('test-saga', 'SUCCESS');");
        List<String> plan =
                Sql.rows(primary, "EXPLAIN SELECT * FROM saga_executions WHERE created_at >= CURRENT_DATE;");
        assertThat(partitionsWithRows(primary)
                        .filter(partition -> String.join("\n", plan).contains("on " + partition + " ")))
                .as("partitions that hold rows, in %s", plan)
                .hasSize(1);

        database.test().awaitReplicas(Duration.ofSeconds(30));
        try (Connection replica =
                database.connect(database.test().replicaUrl(0), database.test().superuser())) {
            assertThat(Sql.value(replica, "SELECT COUNT(*) FROM saga_executions WHERE saga_name = 'test-saga';"))
                    .isEqualTo("1");
            assertThat(Sql.value(replica, "SELECT pg_is_in_recovery();")).isEqualTo("t");
        }
        assertThat(Sql.rows(primary, "SELECT * FROM pg_stat_replication;")).hasSize(1);

        assertThat(Sql.rows(primary, "SELECT * FROM get_partition_statistics();"))
                .hasSize(4)
                .allMatch(row -> row.matches("saga_\\w+\\|\\d+\\|saga_\\w+_y\\d{4}m\\d{2}.*"));
        assertThat(Sql.rows(primary, "SELECT * FROM partition_metadata ORDER BY partition_start DESC;"))
                .hasSize(24)
                .allMatch(row -> row.endsWith("|ATTACHED"));
        assertThat(Sql.value(primary, "SELECT create_saga_executions_partition('2025-12-01'::DATE);"))
                .isEqualTo("saga_executions_y2025m12");
        assertThat(Sql.value(primary, "SELECT create_saga_outbox_partition('2025-12-15'::DATE);"))
                .isEqualTo("saga_outbox_y2025m12d15");
        assertThat(Sql.value(primary, "SELECT create_saga_audit_log_partition('2025-12-01'::DATE);"))
                .isEqualTo("saga_audit_log_y2025m12");
        assertThat(Sql.rows(primary, "SELECT * FROM maintain_all_partitions();"))
                .anyMatch(row -> row.startsWith("EXISTS|saga_executions|"))
                .anyMatch(row -> row.startsWith("DETACH|saga_outbox|saga_outbox_y2025m12d15|"));
        assertThat(Sql.rows(primary, "SELECT maintain_all_partitions();")).isNotEmpty();
        assertThat(Sql.value(primary, "SELECT cleanup_consumer_inbox(90);")).isEqualTo("0");
        assertThat(Sql.value(primary, "SELECT cleanup_consumer_inbox(30);")).isEqualTo("0");
        Sql.run(primary, "DROP TABLE saga_audit_log_y2025m12 CASCADE;");
    }

    private static Stream<String> partitionsWithRows(Connection connection) throws SQLException {
        return Sql.rows(connection, "SELECT DISTINCT tableoid::regclass FROM saga_executions").stream();
    }

    private static void oldPartitionsGo(Way way, Database database) throws SQLException {
        try (Connection owner = database.owner()) {
            Sql.run(owner, "UPDATE partition_settings SET ahead = ahead + 1 WHERE granularity <> 'NONE'");
            String saga = Rows.saga(owner, Rows.monthsAgo(owner, 14), "SUCCESS");
            Rows.audit(owner, Rows.monthsAgo(owner, 13), saga);
            Sql.run(owner, "DELETE FROM saga_outbox_relays");
            Rows.event(owner, Rows.daysAgo(owner, 35));

            assertThat(way.of(database).run().actions())
                    .as("%s", way)
                    .extracting(PartitionAction::kind)
                    .containsOnly(PartitionAction.Kind.CREATE, PartitionAction.Kind.DROP, PartitionAction.Kind.KEEP);
            Rows.relay(owner, "kafka");
            Rows.publishAll(owner, "kafka");
            MaintenanceReport report = way.of(database).run();
            assertThat(report.of(PartitionAction.Kind.DROP))
                    .as("%s: %s", way, report)
                    .singleElement()
                    .extracting(PartitionAction::table)
                    .isEqualTo("saga_outbox");
            assertThat(Sql.rows(owner, "SELECT * FROM sagaz_expired_partitions()"))
                    .isEmpty();
        }
    }
}
