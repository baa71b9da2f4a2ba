package io.sagaz.migrations;

import static io.sagaz.migrations.PartitionAction.Kind.ATTACH;
import static io.sagaz.migrations.PartitionAction.Kind.DROP;
import static io.sagaz.migrations.PartitionAction.Kind.FAIL;
import static io.sagaz.migrations.PartitionAction.Kind.LATER;
import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.migrations.Lab.Database;
import io.sagaz.migrations.RetentionIT.Way;
import io.sagaz.testkit.Await;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A detached partition can still be written to until it is locked. What is written at the last moment is not dropped. */
@Lab
class LastLookIT {
    @ParameterizedTest
    @EnumSource
    void whatIsCommittedWhileTheDropWaitsIsSeen(Way way, Database database) throws Exception {
        database.migrations().migrate();
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try (Connection owner = database.owner();
                Connection late = database.owner()) {
            String done = Rows.saga(owner, Rows.monthsAgo(owner, 20), "SUCCESS");
            String partition = detach(owner);
            // Time enough to come in between.
            Sql.run(owner, "ALTER FUNCTION sagaz_finish_retirement(text, timestamptz) SET lock_timeout = '30s'");
            late.setAutoCommit(false);
            Sql.run(late, "UPDATE " + partition + " SET status = 'RUNNING'");

            Future<MaintenanceReport> report =
                    executor.submit(() -> way.of(database).run());
            awaitWaiting(owner, partition);
            late.commit();

            assertThat(report.get().of(ATTACH))
                    .singleElement()
                    .extracting(PartitionAction::details)
                    .asString()
                    .startsWith("1 unfinished sagas");
            assertThat(Sql.rows(owner, "SELECT saga_id FROM saga_executions")).containsExactly(done);
            assertThat(Sql.rows(owner, "SELECT saga_id FROM saga_steps")).containsExactly(done);
        } finally {
            executor.shutdownNow();
        }
    }

    /** For a snapshot from before, the partition is a part of its table until its detaching has come to an end. */
    @ParameterizedTest
    @EnumSource
    void whatAnOldSnapshotWritesThroughTheTableIsSeen(Way way, Database database) throws Exception {
        database.migrations().migrate();
        try (Connection owner = database.owner();
                Connection reader = database.reader();
                Connection late = database.app()) {
            String done = Rows.saga(owner, Rows.monthsAgo(owner, 20), "SUCCESS");
            String partition = Sql.value(owner, "SELECT tableoid::regclass FROM saga_executions");
            late.setAutoCommit(false);
            Sql.run(late, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
            Sql.value(late, "SELECT count(*) FROM consumer_inbox");
            reader.setAutoCommit(false);
            Sql.value(reader, "SELECT count(*) FROM saga_executions");
            Sql.run(owner, "SELECT sagaz_retire_partition('saga_executions', '" + partition + "')");
            Sql.run(owner, "SET lock_timeout = '50ms'");
            assertThat(Sql.failure(
                            owner, "ALTER TABLE saga_executions DETACH PARTITION " + partition + " CONCURRENTLY"))
                    .isEqualTo("55P03");
            reader.rollback();
            Sql.run(late, "UPDATE saga_executions SET status = 'RUNNING' WHERE saga_id = '" + done + "'");

            MaintenanceReport report = way.of(database, Duration.ofMillis(300)).run();

            assertThat(report.of(LATER)).extracting(PartitionAction::partition).contains(partition);
            assertThat(report.of(DROP)).isEmpty();
            assertThat(report.of(FAIL)).isEmpty();
            late.commit();
            assertThat(way.of(database).run().of(ATTACH))
                    .extracting(PartitionAction::partition)
                    .containsExactly(partition);
            assertThat(Sql.rows(owner, "SELECT saga_id FROM saga_executions")).containsExactly(done);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsToBeKeptForLongerMeanwhileIsPutBack(Way way, Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner()) {
            String done = Rows.saga(owner, Rows.monthsAgo(owner, 20), "SUCCESS");
            detach(owner);
            Sql.run(owner, "UPDATE partition_settings SET retention = '3 years' WHERE table_name = 'saga_executions'");

            assertThat(way.of(database).run().actions())
                    .singleElement()
                    .hasToString("ATTACH saga_executions_y"
                            + Sql.value(
                                    owner,
                                    "SELECT to_char(now() AT TIME ZONE 'UTC' - interval '20 months', 'YYYY\"m\"MM')")
                            + " (it is to be kept for 3 years)");
            assertThat(Sql.rows(owner, "SELECT saga_id FROM saga_executions")).containsExactly(done);
        }
    }

    /** It leaves the one place before it is in the other only for who looks at them in that order. */
    @ParameterizedTest
    @EnumSource
    void anEventThatIsParkedMeanwhileIsSeen(Way way, Database database) throws Exception {
        database.migrations().migrate();
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try (Connection owner = database.owner();
                Connection relay = database.owner()) {
            Rows.relay(owner, "kafka");
            String event = Rows.event(owner, Rows.daysAgo(owner, 40));
            String partition = Sql.value(owner, "SELECT tableoid::regclass FROM saga_outbox");
            String parked = Sql.value(
                    owner,
                    "SELECT format('VALUES (''kafka'', %L::uuid, %L::timestamptz, %s, %s, ''k'', now())', event_id,"
                            + " created_at, seq, shard) FROM saga_outbox");
            Sql.run(owner, "SELECT sagaz_retire_partition('saga_outbox', '" + partition + "')");
            Sql.run(owner, "ALTER TABLE saga_outbox DETACH PARTITION " + partition);
            for (String function :
                    java.util.List.of("sagaz_finish_retirement(text, timestamptz)", "sagaz_maintain(timestamptz)")) {
                Sql.run(owner, "ALTER FUNCTION " + function + " SET lock_timeout = '30s'");
            }
            relay.setAutoCommit(false);
            Sql.run(
                    relay,
                    "INSERT INTO saga_outbox_parked (relay_name, event_id, created_at, seq, shard, ordering_key,"
                            + " next_attempt_at) " + parked);
            Rows.publishAll(relay, "kafka");
            Sql.run(relay, "LOCK TABLE saga_outbox_cursors IN ACCESS EXCLUSIVE MODE");
            Future<MaintenanceReport> report =
                    executor.submit(() -> way.of(database).run());
            awaitWaiting(owner, "saga_outbox_cursors");
            relay.commit();

            assertThat(report.get().of(ATTACH))
                    .singleElement()
                    .extracting(PartitionAction::details)
                    .isEqualTo("1 parked events");
            assertThat(Sql.rows(owner, "SELECT event_id FROM saga_outbox")).containsExactly(event);
        } finally {
            executor.shutdownNow();
        }
    }

    /** A key must not go while its saga is there, and that may come at any moment. */
    @ParameterizedTest
    @EnumSource
    void theKeyOfASagaThatIsWrittenMeanwhileStays(Way way, Database database) throws Exception {
        database.migrations().migrate();
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try (Connection owner = database.owner();
                Connection late = database.owner()) {
            for (String function : java.util.List.of(
                    "sagaz_forget_idempotency_keys(integer, timestamptz)", "sagaz_maintain(timestamptz)")) {
                Sql.run(owner, "ALTER FUNCTION " + function + " SET lock_timeout = '30s'");
            }
            late.setAutoCommit(false);
            Sql.run(late, "LOCK TABLE saga_idempotency_keys IN ACCESS EXCLUSIVE MODE");
            Future<MaintenanceReport> report =
                    executor.submit(() -> way.of(database).run());
            awaitWaiting(owner, "saga_idempotency_keys");
            String saga = Rows.saga(late, Rows.monthsAgo(owner, 20), "RUNNING");
            late.commit();

            report.get();
            assertThat(Sql.rows(owner, "SELECT saga_id FROM saga_idempotency_keys"))
                    .containsExactly(saga);
        } finally {
            executor.shutdownNow();
        }
    }

    /** As an earlier maintenance may have left it; its name. */
    private static String detach(Connection owner) throws SQLException {
        String partition = Sql.value(owner, "SELECT tableoid::regclass FROM saga_executions");
        Sql.run(owner, "SELECT sagaz_detach_partition('saga_executions', '" + partition + "', true)");
        return partition;
    }

    private static void awaitWaiting(Connection connection, String table) {
        String question = "SELECT FROM pg_locks WHERE NOT granted AND relation = '" + table + "'::regclass";
        Await.until(
                "somebody waits for " + table,
                () -> !Sql.rows(connection, question).isEmpty());
    }
}
