package io.sagaz.migrations;

import static io.sagaz.migrations.PartitionAction.Kind.BUSY;
import static io.sagaz.migrations.PartitionAction.Kind.CREATE;
import static io.sagaz.migrations.PartitionAction.Kind.DROP;
import static io.sagaz.migrations.PartitionAction.Kind.FAIL;
import static io.sagaz.migrations.PartitionAction.Kind.KEEP;
import static io.sagaz.migrations.PartitionAction.Kind.LATER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagaz.migrations.Lab.Database;
import io.sagaz.migrations.RetentionIT.Way;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A maintenance that is ended, hindered or half forbidden does the rest, says what it could not do, and is gone on with. */
@Lab
class InterruptionsIT {
    private static final String WAITING = "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
            + " AND query LIKE 'ALTER TABLE%CONCURRENTLY' AND wait_event_type = 'Lock'";

    private static final int OVERLAPPING = 6;

    @Test
    void oneThatIsCutOffWhileItWaitsIsGoneOnWithAndNotBefore(Database database) throws Exception {
        database.migrations().migrate();
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try (Connection owner = database.owner();
                Connection reader = database.reader();
                Connection superuser = database.superuser()) {
            Rows.saga(owner, Rows.monthsAgo(owner, 18), "SUCCESS");
            reader.setAutoCommit(false);
            Sql.value(reader, "SELECT count(*) FROM saga_executions");
            Future<MaintenanceReport> running =
                    executor.submit(() -> Way.OWNER_DIRECT.of(database).run());
            Sql.awaitRow(superuser, WAITING);
            // What the server still works on, though its client may be gone, keeps others out.
            for (Way way : Way.values()) {
                assertThat(way.of(database).run().actions())
                        .extracting(PartitionAction::kind)
                        .containsExactly(BUSY);
            }
            Sql.run(superuser, "SELECT pg_terminate_backend(pid) FROM (" + WAITING + ") w");

            assertThatThrownBy(running::get)
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(MigrationException.class);
            assertThat(Way.OWNER_DIRECT
                            .of(database, Duration.ofMillis(200))
                            .run()
                            .of(LATER))
                    .as("while the reader is there")
                    .isNotEmpty();
            reader.commit();
            assertThat(Way.OWNER_DIRECT.of(database).run().of(DROP)).hasSize(2);
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void oneThatWasCutOffIsEndedUnderTransactionsThatOverlap(Database database) throws Exception {
        database.migrations().migrate();
        ExecutorService executor = Executors.newFixedThreadPool(OVERLAPPING);
        AtomicBoolean over = new AtomicBoolean();
        try (Connection owner = database.owner();
                Connection reader = database.reader();
                Connection superuser = database.superuser()) {
            Rows.saga(owner, Rows.monthsAgo(owner, 18), "SUCCESS");
            String partition = Sql.value(owner, "SELECT tableoid::regclass FROM saga_executions");
            reader.setAutoCommit(false);
            Sql.value(reader, "SELECT count(*) FROM saga_executions");
            Sql.run(owner, "SET lock_timeout = '50ms'");
            Sql.run(owner, "SELECT sagaz_retire_partition('saga_executions', '" + partition + "')");
            assertThat(Sql.failure(
                            owner, "ALTER TABLE saga_executions DETACH PARTITION " + partition + " CONCURRENTLY"))
                    .isEqualTo("55P03");
            reader.commit();
            List<Future<Integer>> busy = new ArrayList<>();
            for (int i = 0; i < OVERLAPPING; i++) {
                busy.add(executor.submit(() -> query(database, over)));
            }
            Sql.awaitRow(
                    superuser,
                    "SELECT FROM pg_stat_activity WHERE datname = current_database()"
                            + " AND query LIKE '%pg_sleep%' AND pid <> pg_backend_pid() HAVING count(*) = "
                            + OVERLAPPING);

            MaintenanceReport report =
                    Way.OWNER_DIRECT.of(database, Duration.ofMillis(1)).run();

            over.set(true);
            assertThat(report.of(DROP)).extracting(PartitionAction::partition).contains(partition);
            for (Future<Integer> queries : busy) {
                assertThat(queries.get()).isPositive();
            }
        } finally {
            over.set(true);
            executor.shutdownNow();
        }
    }

    /** Queries that each last longer than 50 ms, one after the other. */
    private static int query(Database database, AtomicBoolean over) throws SQLException {
        int queries = 0;
        try (Connection connection = database.reader()) {
            while (!over.get()) {
                Sql.value(connection, "SELECT count(*) FROM saga_executions, pg_sleep(0.4)");
                queries++;
            }
        }
        return queries;
    }

    @Test
    void whatCameToNothingIsNotRemembered(Database database) throws Exception {
        database.migrations().migrate();
        try (Connection owner = database.owner();
                Connection other = database.owner()) {
            Rows.saga(owner, Rows.monthsAgo(owner, 18), "SUCCESS");
            String partition = Sql.value(owner, "SELECT tableoid::regclass FROM saga_executions");
            // Nobody can detach while this lasts: the lock conflicts with itself.
            other.setAutoCommit(false);
            Sql.run(other, "LOCK TABLE ONLY saga_executions IN SHARE UPDATE EXCLUSIVE MODE");
            for (Way way : Way.values()) {
                assertThat(way.of(database, Duration.ofMillis(200)).run().of(LATER))
                        .extracting(PartitionAction::partition)
                        .contains(partition);
            }
            assertThat(Sql.rows(owner, "SELECT partition_name FROM partition_retirements"))
                    .isEmpty();
            other.rollback();
            // So what an operator detaches now is his.
            Sql.run(owner, "ALTER TABLE saga_executions DETACH PARTITION " + partition);
            for (Way way : Way.values()) {
                assertThat(way.of(database).run().of(KEEP))
                        .extracting(PartitionAction::partition)
                        .contains(partition);
            }
            assertThat(Sql.value(owner, "SELECT count(*) FROM " + partition)).isEqualTo("1");
        }
    }

    @ParameterizedTest
    @EnumSource
    void rowsThatSomebodyHasLockedAreForgottenTheNextTime(Way way, Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner();
                Connection other = database.owner()) {
            String locked = Rows.saga(owner, Rows.monthsAgo(owner, 18), "SUCCESS");
            Rows.saga(owner, Rows.monthsAgo(owner, 18), "SUCCESS");
            Sql.run(
                    owner,
                    "INSERT INTO consumer_inbox (consumer_name, event_id, processed_at)"
                            + " SELECT 'c', gen_random_uuid(), now() - interval '2 years' FROM generate_series(1, 3)");
            other.setAutoCommit(false);
            Sql.run(other, "SELECT FROM saga_idempotency_keys WHERE saga_id = '" + locked + "' FOR SHARE");
            Sql.run(other, "SELECT FROM consumer_inbox LIMIT 1 FOR UPDATE");

            MaintenanceReport report = way.of(database).run();

            assertThat(report.of(DROP)).hasSize(2);
            assertThat(report.of(FAIL)).isEmpty();
            assertThat(report.forgottenInboxRows()).isEqualTo(2);
            assertThat(Sql.rows(owner, "SELECT saga_id FROM saga_idempotency_keys"))
                    .containsExactly(locked);
            other.rollback();
            MaintenanceReport next = way.of(database).run();
            assertThat(next.forgottenInboxRows()).isEqualTo(1);
            assertThat(Sql.rows(owner, "SELECT saga_id FROM saga_idempotency_keys"))
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatCannotBeDeletedIsSaidAndEverythingElseIsDone(Way way, Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner();
                Connection superuser = database.superuser()) {
            Rows.saga(owner, Rows.monthsAgo(owner, 18), "SUCCESS");
            Sql.run(owner, "UPDATE partition_settings SET ahead = ahead + 1 WHERE table_name = 'saga_outbox'");
            Sql.run(
                    owner,
                    "CREATE FUNCTION never() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'No key goes'; END $$");
            Sql.run(owner, "GRANT EXECUTE ON FUNCTION never() TO PUBLIC");
            Sql.run(
                    owner,
                    "CREATE TRIGGER never BEFORE DELETE ON saga_idempotency_keys FOR EACH ROW EXECUTE FUNCTION never()");

            MaintenanceReport report = way.of(database).run();

            assertThat(report.of(CREATE)).hasSize(1);
            assertThat(report.of(DROP)).hasSize(2);
            assertThat(report.of(FAIL))
                    .as(report.toString())
                    .isNotEmpty()
                    .allMatch(action -> action.table().equals("saga_idempotency_keys"))
                    .allMatch(action -> action.details().contains("No key goes"));
            assertThat(Sql.value(superuser, "SELECT count(*) FROM saga_idempotency_keys"))
                    .isEqualTo("1");
        }
    }

    @Test
    void aMissingRowOfTheSettingsIsSaidAndTheOtherTablesAreMaintained(Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner();
                Connection app = database.app()) {
            Rows.saga(owner, Rows.monthsAgo(owner, 18), "SUCCESS");
            Sql.run(owner, "DELETE FROM partition_settings WHERE table_name = 'saga_outbox'");

            assertThat(Sql.rows(
                            app, "SELECT action, table_name FROM maintain_all_partitions() WHERE action <> 'EXISTS'"))
                    .contains("FAIL|saga_outbox", "DETACH|saga_executions");
            assertThatThrownBy(() -> Way.OWNER_DIRECT.of(database).run())
                    .isInstanceOf(MigrationException.class)
                    .hasMessageContaining("saga_outbox");
        }
    }

    @Test
    void aJobHasTheNewPartitionsWhateverBecomesOfTheOldOnes(Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner();
                Connection app = database.app()) {
            Rows.saga(owner, Rows.monthsAgo(owner, 18), "SUCCESS");
            Sql.run(owner, "UPDATE partition_settings SET ahead = ahead + 2 WHERE table_name = 'saga_outbox'");

            assertThat(Sql.rows(
                            app, "SELECT action, table_name FROM create_missing_partitions() WHERE action <> 'EXISTS'"))
                    .isEqualTo(List.of("CREATE|saga_outbox", "CREATE|saga_outbox"));
            assertThat(Sql.value(owner, "SELECT count(*) FROM saga_executions")).isEqualTo("1");
        }
    }
}
