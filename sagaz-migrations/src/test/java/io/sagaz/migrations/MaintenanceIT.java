package io.sagaz.migrations;

import static io.sagaz.migrations.PartitionAction.Kind.BUSY;
import static io.sagaz.migrations.PartitionAction.Kind.CREATE;
import static io.sagaz.migrations.PartitionAction.Kind.DROP;
import static io.sagaz.migrations.PartitionAction.Kind.FAIL;
import static io.sagaz.migrations.PartitionAction.Kind.KEEP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagaz.migrations.Lab.Database;
import io.sagaz.migrations.Lab.Route;
import io.sagaz.migrations.PartitionSettings.WhenExpired;
import io.sagaz.migrations.RetentionIT.Way;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Period;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Lab
class MaintenanceIT {
    /** Every table, its partition bounds and who it belongs to: what a maintenance may change. */
    private static final String CATALOG = "SELECT c.oid, relname, relispartition, pg_get_expr(relpartbound, c.oid),"
            + " inhparent::regclass, inhdetachpending FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid"
            + " WHERE relnamespace = 'public'::regnamespace ORDER BY 1";

    @ParameterizedTest
    @EnumSource
    void aDryRunSaysWhatARunDoesAndChangesNothing(Way way, Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner()) {
            Rows.relay(owner, "kafka");
            String running = Rows.saga(owner, Rows.monthsAgo(owner, 20), "RUNNING");
            Rows.audit(owner, Rows.monthsAgo(owner, 19), running);
            Rows.saga(owner, Rows.monthsAgo(owner, 18), "SUCCESS");
            Rows.event(owner, Rows.daysAgo(owner, 50));
            Rows.publishAll(owner, "kafka");
            Rows.event(owner, Rows.daysAgo(owner, 40));
            Sql.run(
                    owner,
                    "SELECT sagaz_detach_partition('saga_outbox', min(partition_name), true)"
                            + " FROM sagaz_expired_partitions() WHERE table_name = 'saga_outbox'");
            Sql.run(owner, "UPDATE partition_settings SET ahead = ahead + 1 WHERE table_name = 'saga_outbox'");
            PartitionMaintenance maintenance = way.of(database);
            List<String> before = Sql.rows(owner, CATALOG);

            MaintenanceReport foretold = maintenance.dryRun();

            assertThat(Sql.rows(owner, CATALOG)).isEqualTo(before);
            MaintenanceReport done = maintenance.run();
            assertThat(kindsAndPartitions(done)).containsExactlyInAnyOrderElementsOf(kindsAndPartitions(foretold));
            assertThat(done.actions()).extracting(PartitionAction::kind).contains(CREATE, KEEP, DROP);
            assertThat(done.of(KEEP))
                    .extracting(PartitionAction::details)
                    .containsExactlyInAnyOrderElementsOf(foretold.of(KEEP).stream()
                            .map(PartitionAction::details)
                            .toList());
        }
    }

    @ParameterizedTest
    @EnumSource
    void ofSeveralInstancesOneTakesCareOfOldPartitionsAndTheOthersMakeNewOnes(Way way, Database database)
            throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner();
                Connection other = database.owner()) {
            Rows.saga(owner, Rows.monthsAgo(owner, 18), "SUCCESS");
            Sql.run(owner, "UPDATE partition_settings SET ahead = ahead + 1 WHERE table_name = 'saga_outbox'");
            other.setClientInfo("ApplicationName", "the-other-one");
            other.setAutoCommit(false);
            Sql.run(other, "SELECT pg_advisory_xact_lock(sagaz_lock_key('maintenance'))");

            MaintenanceReport report = way.of(database).run();

            assertThat(report.actions()).extracting(PartitionAction::kind).containsExactly(CREATE, BUSY);
            if (way == Way.OWNER_DIRECT) {
                assertThat(report.of(BUSY).get(0).details()).contains("the-other-one");
            }
            other.rollback();
            assertThat(way.of(database).run().of(DROP)).hasSize(2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aDryRunSaysWhatWillNotGoWell(Way way, Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner()) {
            Rows.event(owner, Rows.daysAgo(owner, 40));
            Rows.relay(owner, "kafka");
            Rows.publishAll(owner, "kafka");
            Sql.run(
                    owner,
                    "SELECT sagaz_detach_partition('saga_outbox', min(partition_name), true)"
                            + " FROM sagaz_expired_partitions() WHERE table_name = 'saga_outbox'");
            Sql.run(owner, "UPDATE partition_settings SET retention = '60 days' WHERE table_name = 'saga_outbox'");
            Sql.run(owner, "UPDATE partition_settings SET ahead = ahead + 1 WHERE table_name = 'saga_outbox'");
            Sql.run(owner, "CREATE TABLE saga_outbox_y" + day(owner, 8) + " (of_another integer)");
            PartitionMaintenance maintenance = way.of(database);

            List<String> foretold = kindsAndPartitions(maintenance.dryRun());

            assertThat(foretold)
                    .contains("FAIL saga_outbox_y" + day(owner, 8))
                    .anyMatch(action -> action.startsWith("ATTACH"));
            assertThat(kindsAndPartitions(maintenance.run())).containsExactlyInAnyOrderElementsOf(foretold);
        }
    }

    private static List<String> kindsAndPartitions(MaintenanceReport report) {
        return report.actions().stream()
                .map(action -> action.kind() + " " + action.partition())
                .toList();
    }

    @Test
    void settingsAreChangedByTheLibraryAndBySqlAlike(Database database) throws SQLException {
        database.migrations().migrate();
        PartitionMaintenance maintenance = database.maintenance(Route.POOLED);
        assertThat(maintenance.settings())
                .containsExactlyInAnyOrder(
                        new PartitionSettings("saga_executions", 3, Period.ofMonths(12), WhenExpired.DROP, false),
                        new PartitionSettings("saga_outbox", 7, Period.ofDays(30), WhenExpired.DROP, false),
                        new PartitionSettings("saga_audit_log", 3, Period.ofMonths(12), WhenExpired.DROP, false),
                        new PartitionSettings("consumer_inbox", 0, Period.ofDays(90), WhenExpired.DROP, false));
        PartitionSettings other =
                new PartitionSettings("saga_outbox", 3, Period.of(1, 2, 3), WhenExpired.ARCHIVE, true);

        maintenance.change(other);

        assertThat(maintenance.settings()).contains(other.withRetention(Period.of(0, 14, 3)));
        try (Connection owner = database.owner()) {
            assertThat(Sql.value(
                            owner,
                            "SELECT ahead, retention, when_expired FROM partition_settings WHERE drop_unpublished"))
                    .isEqualTo("3|1 year 2 mons 3 days|ARCHIVE");
            Sql.run(owner, "UPDATE partition_settings SET retention = '30 days' WHERE table_name = 'saga_outbox'");
            assertThat(maintenance.settings()).contains(other.withRetention(Period.ofDays(30)));
            for (String wrong : List.of(
                    "retention = '0'",
                    "retention = '23 hours'",
                    "retention = '36 hours'",
                    "retention = '-1 month'",
                    "retention = '2 months -3 days'",
                    "retention = '101 years'",
                    "retention = NULL",
                    "ahead = 0",
                    "ahead = NULL",
                    "ahead = 93",
                    "granularity = 'MONTH'",
                    "table_name = 'mine'",
                    "when_expired = 'KEEP'")) {
                assertThat(Sql.failure(
                                owner, "UPDATE partition_settings SET " + wrong + " WHERE table_name = 'saga_outbox'"))
                        .as(wrong)
                        .isIn("23514", "23502");
            }
        }
        assertThatThrownBy(() -> Way.WRITER_DIRECT.of(database).change(other))
                .isInstanceOf(MigrationException.class)
                .hasMessageContaining("sagaz_app")
                .hasMessageContaining("42501");
    }

    @Test
    void statisticsTellUntilWhenRowsCanBeWritten(Database database) throws SQLException {
        database.migrations().migrate();
        PartitionMaintenance maintenance = database.maintenance(Route.DIRECT);
        try (Connection owner = database.owner()) {
            PartitionStatistics outbox = statistics(maintenance, "saga_outbox");
            assertThat(outbox.partitions()).isEqualTo(9);
            assertThat(outbox.bytes()).isPositive();
            assertThat(outbox.writableUntil()).hasToString("Optional[" + midnight(owner, 8) + "]");
            assertThat(outbox.expired()).isZero();

            // Two days from now there is a gap.
            Sql.run(owner, "DROP TABLE saga_outbox_y" + day(owner, 2));
            assertThat(statistics(maintenance, "saga_outbox").writableUntil().orElseThrow())
                    .hasToString(midnight(owner, 2));
            Sql.run(owner, "DROP TABLE saga_outbox_y" + day(owner, 0));
            assertThat(statistics(maintenance, "saga_outbox").writableUntil()).isEmpty();
            Rows.event(owner, Rows.daysAgo(owner, 60));
            assertThat(statistics(maintenance, "saga_outbox").expired()).isEqualTo(1);
        }
    }

    private static PartitionStatistics statistics(PartitionMaintenance maintenance, String table) {
        return maintenance.statistics().stream()
                .filter(statistics -> statistics.table().equals(table))
                .findFirst()
                .orElseThrow();
    }

    private static String midnight(Connection connection, int ahead) throws SQLException {
        return Sql.value(
                connection,
                "SELECT to_char(date_trunc('day', now() AT TIME ZONE 'UTC') + interval '" + ahead
                        + " days', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')");
    }

    private static String day(Connection connection, int ahead) throws SQLException {
        return Sql.value(
                connection,
                "SELECT to_char(now() AT TIME ZONE 'UTC' + interval '" + ahead + " days', 'YYYY\"m\"MM\"d\"DD')");
    }

    @Test
    void aSchemaThatIsMissingOrOldIsRefused(Database database) throws SQLException {
        assertThatThrownBy(database.maintenance(Route.DIRECT)::run)
                .isInstanceOf(SchemaOutOfDate.class)
                .hasMessageContaining("Migrate first");
        database.migrations().migrate();
        try (Connection owner = database.owner()) {
            Sql.run(owner, "UPDATE sagaz_schema_history SET version = '99.1' WHERE version = '1.1'");
        }
        assertThatThrownBy(database.maintenance(Route.DIRECT)::dryRun)
                .isInstanceOf(SchemaOutOfDate.class)
                .hasMessageContaining("99.1");
    }

    @Test
    void aRoleWithAnotherIsolationCannotDropWhatItDoesNotSee(Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner();
                Connection superuser = database.superuser()) {
            Rows.saga(owner, Rows.monthsAgo(owner, 18), "SUCCESS");
            Sql.run(
                    superuser,
                    "ALTER ROLE sagaz_owner IN DATABASE " + database.test().name()
                            + " SET default_transaction_isolation = 'repeatable read'");

            assertThat(Way.OWNER_POOLED.of(database).run().of(FAIL))
                    .singleElement()
                    .extracting(PartitionAction::details)
                    .asString()
                    .contains("READ COMMITTED");
            assertThat(Sql.value(owner, "SELECT count(*) FROM saga_executions")).isEqualTo("1");
            // On a connection of its own the library sees to that itself.
            assertThat(Way.OWNER_DIRECT.of(database).run().of(DROP)).hasSize(2);
        }
    }

    @Test
    void aDefaultPartitionIsRefusedWithAHint(Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner()) {
            Sql.run(owner, "CREATE TABLE everything_else PARTITION OF saga_outbox DEFAULT");
            Sql.run(owner, "UPDATE partition_settings SET ahead = ahead + 1 WHERE table_name = 'saga_outbox'");

            for (Way way : Way.values()) {
                assertThat(way.of(database).run().of(FAIL))
                        .singleElement()
                        .satisfies(action -> assertThat(action.table()).isEqualTo("saga_outbox"))
                        .extracting(PartitionAction::details)
                        .asString()
                        .contains("everything_else")
                        .contains("default partition");
            }
        }
    }

    @Test
    void aReplicaIsRefusedWithAHint(Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner()) {
            Rows.event(owner, Rows.daysAgo(owner, 60));
            Sql.run(owner, "UPDATE partition_settings SET ahead = ahead + 1 WHERE table_name = 'saga_outbox'");
        }
        database.test().awaitReplicas(Duration.ofSeconds(30));
        PartitionMaintenance onReplica = PartitionMaintenance.of(MigrationConfig.of(
                database.test().replicaUrl(0),
                "sagaz_owner",
                database.test().owner().password()));

        assertThat(onReplica.dryRun().of(KEEP)).as("a dry run only reads").hasSize(1);
        assertThatThrownBy(onReplica::run)
                .isInstanceOf(MigrationException.class)
                .hasMessageContaining("25006");
    }
}
