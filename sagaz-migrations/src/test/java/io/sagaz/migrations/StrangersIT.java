package io.sagaz.migrations;

import static io.sagaz.migrations.PartitionAction.Kind.DROP;
import static io.sagaz.migrations.PartitionAction.Kind.FAIL;
import static io.sagaz.migrations.PartitionAction.Kind.KEEP;
import static io.sagaz.migrations.PartitionAction.Kind.LATER;
import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.migrations.Lab.Database;
import io.sagaz.migrations.Lab.Route;
import io.sagaz.migrations.RetentionIT.Way;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What others did to the tables of Sagaz: nothing of it makes the maintenance drop what is needed, or do what they want. */
@Lab
class StrangersIT {
    @ParameterizedTest
    @ValueSource(strings = {"FOR VALUES FROM (MINVALUE) TO ('2020-01-01')", "DEFAULT"})
    void aPartitionWithoutBoundsKeepsWhatTellsOfItsSagas(String bounds, Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner()) {
            Sql.run(owner, "CREATE TABLE olden_times PARTITION OF saga_executions " + bounds);
            Sql.run(owner, "SELECT sagaz_create_partition('saga_steps', '2019-05-15')");
            String saga = Sql.value(
                    owner,
                    "INSERT INTO saga_executions (saga_id, created_at, saga_name, status) VALUES"
                            + " (sagaz_uuid7('2019-05-15Z'), '2019-05-15Z', 'old', 'RUNNING') RETURNING saga_id");
            Sql.run(
                    owner,
                    "INSERT INTO saga_steps (saga_id, created_at, step_index, step_name) VALUES ('" + saga
                            + "', '2019-05-15Z', 0, 'reserve')");
            Sql.run(owner, "INSERT INTO saga_idempotency_keys VALUES ('old', 'k', '" + saga + "', '2019-05-15Z')");
            Rows.audit(owner, "2019-05-15Z", saga);

            for (Way way : Way.values()) {
                assertThat(way.of(database).run().of(KEEP))
                        .as(way.name())
                        .filteredOn(action -> action.details().contains("olden_times"))
                        .extracting(PartitionAction::partition)
                        .containsExactlyInAnyOrder("saga_steps_y2019m05", "saga_audit_log_y2019m05");
            }
            assertThat(Sql.rows(owner, "SELECT saga_id FROM saga_steps")).containsExactly(saga);
            assertThat(Sql.rows(owner, "SELECT saga_id FROM saga_audit_log")).containsExactly(saga);
            assertThat(Sql.rows(owner, "SELECT saga_id FROM saga_idempotency_keys"))
                    .containsExactly(saga);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatAnotherHasDetachedStillKeepsWhatTellsOfIt(Way way, Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner()) {
            String saga = Rows.saga(owner, Rows.monthsAgo(owner, 20), "RUNNING");
            String partition = Sql.value(owner, "SELECT tableoid::regclass FROM saga_executions");
            Sql.run(owner, "ALTER TABLE saga_executions DETACH PARTITION " + partition);

            MaintenanceReport report = way.of(database).run();

            assertThat(report.of(DROP)).isEmpty();
            assertThat(report.of(KEEP)).hasSize(2);
            assertThat(Sql.rows(owner, "SELECT saga_id FROM saga_steps")).containsExactly(saga);
            assertThat(Sql.rows(owner, "SELECT saga_id FROM saga_idempotency_keys"))
                    .containsExactly(saga);
        }
    }

    @Test
    void whatAnotherDetachesWhileTheMaintenanceWaitsToDoSoIsHis(Database database) throws Exception {
        database.migrations().migrate();
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try (Connection owner = database.owner();
                Connection other = database.owner();
                Connection superuser = database.superuser()) {
            Rows.event(owner, Rows.daysAgo(owner, 60));
            Rows.relay(owner, "kafka");
            Rows.publishAll(owner, "kafka");
            String partition = Sql.value(owner, "SELECT tableoid::regclass FROM saga_outbox");
            other.setAutoCommit(false);
            Sql.run(other, "LOCK TABLE ONLY saga_outbox IN SHARE UPDATE EXCLUSIVE MODE");
            Future<MaintenanceReport> running =
                    executor.submit(() -> Way.OWNER_DIRECT.of(database).run());
            Sql.awaitRow(
                    superuser,
                    "SELECT FROM pg_stat_activity WHERE datname = current_database()"
                            + " AND query LIKE 'ALTER TABLE%CONCURRENTLY' AND wait_event_type = 'Lock'");

            Sql.run(other, "ALTER TABLE saga_outbox DETACH PARTITION " + partition);
            other.commit();

            assertThat(running.get().of(FAIL))
                    .extracting(PartitionAction::partition)
                    .containsExactly(partition);
            for (Way way : Way.values()) {
                assertThat(way.of(database).run().of(KEEP))
                        .extracting(PartitionAction::partition)
                        .containsExactly(partition);
            }
            assertThat(Sql.value(owner, "SELECT count(*) FROM " + partition)).isEqualTo("1");
        } finally {
            executor.shutdownNow();
        }
    }

    @ParameterizedTest
    @EnumSource
    void rowsThatAPolicyHidesAreNotTakenForNone(Way way, Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner()) {
            Rows.event(owner, Rows.daysAgo(owner, 60));
            String partition = Sql.value(owner, "SELECT tableoid::regclass FROM saga_outbox");
            Sql.run(owner, "ALTER TABLE " + partition + " ENABLE ROW LEVEL SECURITY");
            Sql.run(owner, "ALTER TABLE " + partition + " FORCE ROW LEVEL SECURITY");

            assertThat(way.of(database).run().of(KEEP))
                    .singleElement()
                    .extracting(PartitionAction::details)
                    .asString()
                    .contains("row-level security");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aForeignKeyToTheTableKeepsItsPartitions(Way way, Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner()) {
            Rows.saga(owner, Rows.monthsAgo(owner, 20), "SUCCESS");
            Sql.run(
                    owner,
                    "CREATE TABLE orders (saga_id uuid, created_at timestamptz,"
                            + " FOREIGN KEY (saga_id, created_at) REFERENCES saga_executions)");

            assertThat(way.of(database).run().of(KEEP))
                    .extracting(PartitionAction::details)
                    .contains("table public.orders refers to saga_executions with a foreign key");
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsNoPlainTableIsLeftToItsMaker(Way way, Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner()) {
            Rows.relay(owner, "kafka");
            Sql.run(
                    owner,
                    "CREATE TABLE \"olden \"\"days\" PARTITION OF saga_outbox FOR VALUES FROM ('2019-01-01') TO ('2020-01-01')"
                            + " PARTITION BY RANGE (created_at)");

            assertThat(way.of(database).run().of(KEEP))
                    .singleElement()
                    .extracting(PartitionAction::details)
                    .asString()
                    .contains("no plain table");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPartitionOfAnyNameGoesWhenItMay(Way way, Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner()) {
            Rows.relay(owner, "kafka");
            Sql.run(
                    owner,
                    "CREATE TABLE \"olden \"\"days'\" PARTITION OF saga_outbox FOR VALUES FROM ('2019-01-01') TO ('2020-01-01')");

            assertThat(way.of(database).run().actions())
                    .singleElement()
                    .extracting(PartitionAction::kind)
                    .isEqualTo(DROP);
        }
    }

    @ParameterizedTest
    @EnumSource
    void oneWhoUsesAPartitionByItsNameKeepsThatOneOnly(Way way, Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner();
                Connection other = database.owner()) {
            Rows.relay(owner, "kafka");
            Rows.event(owner, Rows.daysAgo(owner, 42));
            String used = Sql.value(owner, "SELECT tableoid::regclass FROM saga_outbox");
            Rows.event(owner, Rows.daysAgo(owner, 41));
            Rows.event(owner, Rows.daysAgo(owner, 40));
            Rows.publishAll(owner, "kafka");
            other.setAutoCommit(false);
            Sql.value(other, "SELECT count(*) FROM " + used);

            // Alone, the owner looks some times and goes on; the function is called until patience ends.
            Duration patience = way == Way.OWNER_DIRECT ? Duration.ofMinutes(1) : Duration.ofMillis(300);
            MaintenanceReport report = way.of(database, patience).run();

            assertThat(report.of(DROP)).hasSize(2);
            assertThat(report.of(FAIL)).isEmpty();
            assertThat(report.of(LATER))
                    .singleElement()
                    .hasToString("LATER " + used + " (nothing needs it, but somebody uses it by its name)");
            other.rollback();
            assertThat(way.of(database).run().of(DROP)).hasSize(1);
        }
    }

    /** Of functions of the same name PostgreSQL takes that whose types fit best, and anybody may have made that one. */
    @ParameterizedTest
    @EnumSource(Route.class)
    void aFunctionThatIsNamedLikeOursIsNotCalled(Route route, Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner();
                Connection app = database.app();
                Connection superuser = database.superuser()) {
            Rows.saga(owner, Rows.monthsAgo(owner, 20), "SUCCESS");
            Sql.run(owner, "UPDATE partition_settings SET ahead = ahead + 1 WHERE table_name = 'saga_outbox'");
            Sql.run(superuser, "GRANT CREATE ON SCHEMA public TO sagaz_app");
            List<String> twins = Sql.rows(
                    superuser,
                    "SELECT format('CREATE FUNCTION public.%I(%s) RETURNS text LANGUAGE plpgsql AS"
                            + " $$BEGIN RAISE ''called as %%'', current_user; END$$', proname,"
                            + " replace(replace(pg_get_function_identity_arguments(oid), 'timestamp with time zone',"
                            + " 'timestamp'), ' text', ' varchar'))"
                            + " FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND pronargs > 0"
                            + " AND (proargtypes::oid[] && ARRAY['text'::regtype, 'timestamptz'::regtype]::oid[])");
            assertThat(twins).hasSizeGreaterThan(10);
            for (String twin : twins) {
                Sql.run(app, twin);
            }
            MigrationConfig config = database.config(route).withWriter("sagaz_reader");

            assertThat(SagazMigrations.of(config).migrate().partitions()).isNotEmpty();
            SagazMigrations.of(config).check();
            MaintenanceReport report = PartitionMaintenance.of(config).run();
            assertThat(report.of(DROP)).hasSize(2);
            assertThat(report.of(FAIL)).isEmpty();
        }
    }

    @Test
    void whatNewTablesAreGrantedToOthersDoesNotLetThemDecideWhatGoes(Database database) throws SQLException {
        try (Connection superuser = database.superuser()) {
            Sql.run(
                    superuser,
                    "ALTER DEFAULT PRIVILEGES FOR ROLE sagaz_owner GRANT ALL ON TABLES TO sagaz_app, PUBLIC");
        }
        database.migrations().migrate();
        try (Connection app = database.app()) {
            for (String mayNot : List.of(
                    "UPDATE partition_settings SET retention = '1 day'",
                    "DELETE FROM partition_settings",
                    "TRUNCATE partition_retirements",
                    "UPDATE partition_clock SET seen_at = now()",
                    "INSERT INTO partition_retirements (table_name, partition_name, partition_start, partition_end)"
                            + " VALUES ('saga_outbox', 'x', now(), now())")) {
                assertThat(Sql.failure(app, mayNot)).as(mayNot).isEqualTo("42501");
            }
            assertThat(Sql.rows(app, "SELECT FROM partition_settings")).hasSize(4);
        }
    }
}
