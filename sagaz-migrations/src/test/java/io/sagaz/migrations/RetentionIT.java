package io.sagaz.migrations;

import static io.sagaz.migrations.PartitionAction.Kind.ARCHIVE;
import static io.sagaz.migrations.PartitionAction.Kind.ATTACH;
import static io.sagaz.migrations.PartitionAction.Kind.DROP;
import static io.sagaz.migrations.PartitionAction.Kind.KEEP;
import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.migrations.Lab.Database;
import io.sagaz.migrations.Lab.Route;
import io.sagaz.migrations.PartitionSettings.WhenExpired;
import io.sagaz.testkit.Credentials;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A partition goes when it has expired and nothing needs it, by each way of maintaining, and not before. */
@Lab
class RetentionIT {
    /** The ways of maintaining. */
    enum Way {
        /** Detaches concurrently. */
        OWNER_DIRECT,
        /** Calls the function. */
        OWNER_POOLED,
        /** Calls the function, with no right of its own to detach or drop. */
        WRITER_DIRECT;

        PartitionMaintenance of(Database database) {
            return PartitionMaintenance.of(config(database));
        }

        PartitionMaintenance of(Database database, Duration lockWait) {
            return PartitionMaintenance.of(config(database).withLockWait(lockWait));
        }

        private MigrationConfig config(Database database) {
            Credentials owner = database.test().owner();
            return switch (this) {
                case OWNER_DIRECT -> database.config(Route.DIRECT, owner);
                case OWNER_POOLED -> database.config(Route.POOLED, owner);
                case WRITER_DIRECT ->
                    database.config(Route.DIRECT, database.test().app());
            };
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPartitionWithOneUnpublishedEventOfSixtyDaysAgoStaysUntilThatIsPublished(Way way, Database database)
            throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner()) {
            String time = Rows.daysAgo(owner, 60);
            String event = Rows.event(owner, time);
            String partition = partitionOf(owner, "saga_outbox", event);

            assertThat(onlyAction(way.of(database).run(), KEEP).details())
                    .isEqualTo("1 events not published: no relay is registered");
            Rows.relay(owner, "kafka");
            Rows.relay(owner, "audit");
            assertThat(onlyAction(way.of(database).run(), KEEP).details())
                    .contains("1 events not published by relay audit")
                    .contains("1 events not published by relay kafka");
            Rows.publishAll(owner, "kafka");
            assertThat(onlyAction(way.of(database).run(), KEEP).details())
                    .contains("by relay audit")
                    .doesNotContain("kafka");
            assertThat(Sql.value(owner, "SELECT count(*) FROM saga_outbox WHERE event_id = '" + event + "'"))
                    .isEqualTo("1");

            Rows.publishAll(owner, "audit");
            assertThat(onlyAction(way.of(database).run(), DROP).partition()).isEqualTo(partition);
            assertThat(Sql.value(owner, "SELECT to_regclass('" + partition + "') IS NULL"))
                    .isEqualTo("t");
            assertThat(way.of(database).run().actions()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void eachThingThatAnOutboxPartitionCanBeNeededForKeepsIt(Way way, Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner()) {
            String event = Rows.event(owner, Rows.daysAgo(owner, 40));
            Rows.relay(owner, "kafka");
            Rows.publishAll(owner, "kafka");
            String from = " FROM saga_outbox WHERE event_id = '" + event + "'";

            // A shard that nobody has begun with.
            Sql.run(
                    owner,
                    "CREATE TABLE removed AS SELECT * FROM saga_outbox_cursors WHERE shard = (SELECT shard" + from
                            + ")");
            Sql.run(owner, "DELETE FROM saga_outbox_cursors WHERE shard = (SELECT shard FROM removed)");
            assertThat(onlyAction(way.of(database).run(), KEEP).details())
                    .contains("1 events not published by relay kafka");
            Sql.run(owner, "INSERT INTO saga_outbox_cursors SELECT * FROM removed");
            // A cursor of another cluster: its transaction numbers mean nothing here.
            Sql.run(owner, "UPDATE saga_outbox_cursors SET system_identifier = 1");
            assertThat(onlyAction(way.of(database).run(), KEEP).details())
                    .contains("1 events not published by relay kafka");
            // Its lower bound does.
            Sql.run(owner, "UPDATE saga_outbox_cursors SET low_seq = (SELECT seq" + from + ")");
            Sql.run(
                    owner,
                    "INSERT INTO saga_outbox_parked (relay_name, event_id, created_at, seq, shard, ordering_key, next_attempt_at)"
                            + " SELECT 'kafka', event_id, created_at, seq, shard, event_id::text, now()" + from);
            assertThat(onlyAction(way.of(database).run(), KEEP).details()).isEqualTo("1 parked events");
            Sql.run(
                    owner,
                    "INSERT INTO saga_outbox_dead_letters (relay_name, event_id, created_at, seq, shard, attempts)"
                            + " SELECT relay_name, event_id, created_at, seq, shard, 10 FROM saga_outbox_parked");
            Sql.run(owner, "DELETE FROM saga_outbox_parked");
            assertThat(onlyAction(way.of(database).run(), KEEP).details()).isEqualTo("1 dead letters");

            // The relay is gone for good, and with it all that was kept for it. There is another.
            Sql.run(owner, "DELETE FROM saga_outbox_relays");
            Rows.relay(owner, "other");
            Rows.publishAll(owner, "other");
            onlyAction(way.of(database).run(), DROP);
        }
    }

    @ParameterizedTest
    @EnumSource
    void anEventThatCommitsLateIsNotTakenForPublished(Way way, Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner();
                Connection late = database.owner()) {
            String time = Rows.daysAgo(owner, 40);
            Rows.event(owner, time);
            Rows.relay(owner, "kafka");
            late.setAutoCommit(false);
            Rows.event(late, time);
            Rows.publishAll(owner, "kafka");
            late.commit();

            assertThat(onlyAction(way.of(database).run(), KEEP).details())
                    .contains("1 events not published by relay kafka");
        }
    }

    @ParameterizedTest
    @EnumSource
    void ifTheOutboxIsReadBySomethingElseAgeAloneDecides(Way way, Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner()) {
            Rows.event(owner, Rows.daysAgo(owner, 40));
            onlyAction(way.of(database).run(), KEEP);
            PartitionMaintenance maintenance = database.maintenance(Route.DIRECT);
            maintenance.settings().stream()
                    .filter(settings -> settings.table().equals("saga_outbox"))
                    .forEach(settings -> maintenance.change(settings.withDropUnpublished(true)));

            onlyAction(way.of(database).run(), DROP);
        }
    }

    @ParameterizedTest
    @EnumSource
    void unfinishedSagasKeepTheirMonthAndTheirStepsAndTheAuditEntriesOfLaterMonths(Way way, Database database)
            throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner()) {
            String running = Rows.saga(owner, Rows.monthsAgo(owner, 20), "RUNNING");
            String done = Rows.saga(owner, Rows.monthsAgo(owner, 20), "SUCCESS");
            String other = Rows.saga(owner, Rows.monthsAgo(owner, 18), "COMPENSATED");
            Rows.audit(owner, Rows.monthsAgo(owner, 20), running);
            Rows.audit(owner, Rows.monthsAgo(owner, 18), done);
            Rows.audit(owner, Rows.monthsAgo(owner, 17), other);
            String kept = partitionOf(owner, "saga_executions", running);

            MaintenanceReport first = way.of(database).run();

            assertThat(first.of(KEEP)).hasSize(4);
            assertThat(first.of(KEEP).get(0).details()).startsWith("1 unfinished sagas, the oldest of ");
            assertThat(first.of(KEEP).subList(1, 4))
                    .allMatch(action -> action.details().endsWith("of sagas in " + kept))
                    .extracting(PartitionAction::table)
                    .containsExactlyInAnyOrder("saga_steps", "saga_audit_log", "saga_audit_log");
            assertThat(first.of(DROP))
                    .extracting(PartitionAction::table)
                    .containsExactly("saga_executions", "saga_steps", "saga_audit_log");
            assertThat(Sql.rows(owner, "SELECT saga_id FROM saga_executions ORDER BY 1"))
                    .containsExactlyInAnyOrder(running, done);
            assertThat(Sql.rows(owner, "SELECT saga_id FROM saga_steps")).containsExactlyInAnyOrder(running, done);
            assertThat(Sql.rows(owner, "SELECT saga_id FROM saga_audit_log")).containsExactlyInAnyOrder(running, done);
            assertThat(Sql.rows(owner, "SELECT saga_id FROM saga_idempotency_keys"))
                    .as("keys of sagas that are there")
                    .containsExactlyInAnyOrder(running, done);

            Sql.run(owner, "UPDATE saga_executions SET status = 'FAILED' WHERE saga_id = '" + running + "'");
            MaintenanceReport second = way.of(database).run();
            assertThat(second.actions()).hasSize(4).allMatch(action -> action.kind() == DROP);
            assertThat(Sql.rows(owner, "SELECT saga_id FROM saga_idempotency_keys"))
                    .isEmpty();
            assertThat(Sql.rows(owner, "SELECT * FROM partition_retirements")).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void anArchivedPartitionStaysAsAPlainTable(Way way, Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner()) {
            String done = Rows.saga(owner, Rows.monthsAgo(owner, 20), "SUCCESS");
            Rows.audit(owner, Rows.monthsAgo(owner, 20), done);
            PartitionMaintenance maintenance = database.maintenance(Route.DIRECT);
            maintenance.settings().stream()
                    .filter(settings -> settings.table().equals("saga_executions"))
                    .forEach(settings -> maintenance.change(settings.withWhenExpired(WhenExpired.ARCHIVE)));
            String partition = partitionOf(owner, "saga_executions", done);

            MaintenanceReport report = way.of(database).run();

            assertThat(report.of(ARCHIVE))
                    .extracting(PartitionAction::table)
                    .containsExactly("saga_executions", "saga_steps");
            assertThat(report.of(DROP)).extracting(PartitionAction::table).containsExactly("saga_audit_log");
            assertThat(Sql.rows(owner, "SELECT saga_id FROM saga_executions")).isEmpty();
            assertThat(Sql.rows(owner, "SELECT saga_id FROM " + partition)).containsExactly(done);
            assertThat(Sql.value(
                            owner, "SELECT state FROM partition_metadata WHERE partition_name = '" + partition + "'"))
                    .isEqualTo("ARCHIVED");
            assertThat(way.of(database).run().actions()).as("an archive stays").isEmpty();
            assertThat(maintenance.statistics().get(0).archived()).isEqualTo(1);

            Sql.run(owner, "DROP TABLE " + partition);
            assertThat(way.of(database).run().actions()).isEmpty();
            assertThat(Sql.rows(owner, "SELECT table_name FROM partition_retirements"))
                    .as("what its owner dropped is forgotten")
                    .containsExactly("saga_steps");
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsNeededAfterAllIsPutBack(Way way, Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner()) {
            String saga = Rows.saga(owner, Rows.monthsAgo(owner, 20), "SUCCESS");
            String partition = partitionOf(owner, "saga_executions", saga);
            // An earlier maintenance came as far as this, and then the saga turned out to be unfinished.
            Sql.run(owner, "SELECT sagaz_detach_partition('saga_executions', '" + partition + "', true)");
            Sql.run(owner, "UPDATE " + partition + " SET status = 'COMPENSATING'");

            MaintenanceReport report = way.of(database).run();

            assertThat(report.of(ATTACH))
                    .singleElement()
                    .satisfies(action -> assertThat(action.partition()).isEqualTo(partition))
                    .satisfies(action -> assertThat(action.details()).startsWith("1 unfinished sagas"));
            assertThat(Sql.rows(owner, "SELECT saga_id FROM saga_executions")).containsExactly(saga);
            assertThat(Sql.rows(owner, "SELECT saga_id FROM saga_steps")).containsExactly(saga);
            assertThat(Sql.rows(owner, "SELECT saga_id FROM saga_executions WHERE unfinished"))
                    .containsExactly(saga);
            assertThat(Sql.rows(owner, "SELECT * FROM partition_retirements")).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatAnEarlierMaintenanceLeftBehindIsGoneOnWith(Way way, Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner();
                Connection reader = database.reader()) {
            String detached =
                    partitionOf(owner, "saga_executions", Rows.saga(owner, Rows.monthsAgo(owner, 21), "SUCCESS"));
            String pending =
                    partitionOf(owner, "saga_executions", Rows.saga(owner, Rows.monthsAgo(owner, 20), "SUCCESS"));
            String noted =
                    partitionOf(owner, "saga_executions", Rows.saga(owner, Rows.monthsAgo(owner, 19), "SUCCESS"));
            Sql.run(owner, "SELECT sagaz_detach_partition('saga_executions', '" + detached + "', true)");
            Sql.run(owner, "SELECT sagaz_retire_partition('saga_executions', '" + pending + "')");
            Sql.run(owner, "SELECT sagaz_retire_partition('saga_executions', '" + noted + "')");
            reader.setAutoCommit(false);
            Sql.value(reader, "SELECT count(*) FROM saga_executions");
            Sql.run(owner, "SET lock_timeout = '50ms'");
            assertThat(Sql.failure(owner, "ALTER TABLE saga_executions DETACH PARTITION " + pending + " CONCURRENTLY"))
                    .isEqualTo("55P03");
            reader.rollback();
            assertThat(Sql.rows(owner, "SELECT state FROM partition_metadata WHERE partition_name = '" + pending + "'"))
                    .containsExactly("DETACHING");

            MaintenanceReport report = way.of(database).run();

            assertThat(report.of(DROP)).extracting(PartitionAction::partition).contains(detached, pending, noted);
            assertThat(report.actions()).hasSize(6).allMatch(action -> action.kind() == DROP);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatSomebodyElseDetachedIsLeftAlone(Way way, Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner()) {
            String partition = partitionOf(owner, "saga_outbox", Rows.event(owner, Rows.daysAgo(owner, 60)));
            // Noted once, but it was needed then; its owner has detached it since, to keep it.
            Sql.run(owner, "SELECT sagaz_retire_partition('saga_outbox', '" + partition + "')");
            onlyAction(way.of(database).run(), KEEP);
            Sql.run(owner, "ALTER TABLE saga_outbox DETACH PARTITION " + partition);

            assertThat(onlyAction(way.of(database).run(), KEEP).details()).startsWith("somebody else has detached it");
            assertThat(Sql.value(owner, "SELECT count(*) FROM " + partition)).isEqualTo("1");
        }
    }

    @ParameterizedTest
    @EnumSource
    void oneThatCannotBeDroppedKeepsNoOtherFromGoing(Way way, Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner()) {
            Rows.relay(owner, "kafka");
            String first = partitionOf(owner, "saga_outbox", Rows.event(owner, Rows.daysAgo(owner, 60)));
            String second = partitionOf(owner, "saga_outbox", Rows.event(owner, Rows.daysAgo(owner, 59)));
            Rows.publishAll(owner, "kafka");
            Sql.run(owner, "CREATE VIEW somebodys AS SELECT * FROM " + first);

            MaintenanceReport report = way.of(database).run();

            assertThat(report.of(PartitionAction.Kind.FAIL))
                    .singleElement()
                    .satisfies(action -> assertThat(action.partition()).isEqualTo(first))
                    .satisfies(action -> assertThat(action.details()).contains("2BP01"));
            assertThat(report.of(DROP)).extracting(PartitionAction::partition).containsExactly(second);
            Sql.run(owner, "DROP VIEW somebodys");
            assertThat(onlyAction(way.of(database).run(), DROP).partition()).isEqualTo(first);
        }
    }

    @ParameterizedTest
    @EnumSource
    void oldInboxRowsAreForgottenAsTheSettingsSay(Way way, Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner()) {
            Sql.run(
                    owner,
                    "INSERT INTO consumer_inbox (consumer_name, event_id, processed_at)"
                            + " SELECT 'c', gen_random_uuid(), now() - n * interval '1 hour'"
                            + " FROM generate_series(0, 24 * 900 - 1) n");

            assertThat(way.of(database).run().forgottenInboxRows()).isEqualTo(24 * (900 - 90));
            assertThat(Sql.value(owner, "SELECT count(*) FROM consumer_inbox")).isEqualTo("2160");
            Sql.run(owner, "UPDATE partition_settings SET retention = '10 days' WHERE table_name = 'consumer_inbox'");
            assertThat(Sql.value(owner, "SELECT cleanup_consumer_inbox()")).isEqualTo(Integer.toString(24 * 80));
            assertThat(way.of(database).run().forgottenInboxRows()).isZero();
        }
    }

    private static PartitionAction onlyAction(MaintenanceReport report, PartitionAction.Kind kind) {
        assertThat(report.actions())
                .singleElement()
                .extracting(PartitionAction::kind)
                .isEqualTo(kind);
        return report.actions().get(0);
    }

    private static String partitionOf(Connection connection, String table, String id) throws SQLException {
        String column = table.equals("saga_outbox") ? "event_id" : "saga_id";
        List<String> found = Sql.rows(
                connection, "SELECT tableoid::regclass FROM " + table + " WHERE " + column + " = '" + id + "'");
        assertThat(found).hasSize(1);
        return found.get(0);
    }
}
