package io.sagaz.migrations;

import static io.sagaz.migrations.PartitionAction.Kind.CREATE;
import static io.sagaz.migrations.PartitionAction.Kind.DROP;
import static io.sagaz.migrations.PartitionAction.Kind.FAIL;
import static io.sagaz.migrations.PartitionAction.Kind.LATER;
import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.migrations.Lab.Database;
import io.sagaz.migrations.Lab.Route;
import io.sagaz.migrations.RetentionIT.Way;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clocks that are wrong make new partitions where they are needed, and take nothing away. */
@Lab
class TimeInDoubtIT {
    /** For the maintenance that is the same as a clock that is ahead. */
    private static final String LONG_AGO = "UPDATE partition_clock SET seen_at = now() - interval '9 days'";

    @ParameterizedTest
    @ValueSource(longs = {-61, 61, 60 * 24 * 400})
    void whenTheClocksDisagreeNothingIsTakenAway(long minutes, Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner()) {
            Rows.saga(owner, Rows.monthsAgo(owner, 18), "SUCCESS");
            Sql.run(owner, "UPDATE partition_settings SET ahead = ahead + 1 WHERE table_name = 'saga_outbox'");
            PartitionMaintenance maintenance = database.maintenance(Route.DIRECT)
                    .withHostClock(Clock.offset(Clock.systemUTC(), Duration.ofMinutes(minutes)));

            assertThat(maintenance.dryRun().actions())
                    .extracting(PartitionAction::kind)
                    .containsExactly(CREATE, FAIL);
            MaintenanceReport report = maintenance.run();

            assertThat(report.actions()).extracting(PartitionAction::kind).containsExactly(CREATE, FAIL);
            assertThat(report.of(FAIL).get(0).details()).contains("clocks").contains("nothing is taken away");
            assertThat(Sql.value(owner, "SELECT count(*) FROM saga_executions")).isEqualTo("1");
        }
    }

    @ParameterizedTest
    @EnumSource
    void afterALongTimeNothingIsTakenAwayForTwelveHours(Way way, Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner()) {
            expired(owner);
            Sql.run(owner, "UPDATE partition_settings SET ahead = ahead + 1 WHERE table_name = 'saga_outbox'");
            Sql.run(owner, LONG_AGO);
            PartitionMaintenance maintenance = way.of(database);

            assertThat(maintenance.dryRun().actions())
                    .extracting(PartitionAction::kind)
                    .containsExactly(CREATE, LATER);
            MaintenanceReport first = maintenance.run();

            assertThat(first.actions()).extracting(PartitionAction::kind).containsExactly(CREATE, LATER);
            assertThat(first.of(LATER).get(0).details())
                    .contains("clock is wrong")
                    .contains("Nothing is taken away");
            for (Way other : Way.values()) {
                assertThat(other.of(database).dryRun().actions())
                        .extracting(PartitionAction::kind)
                        .containsExactly(LATER);
            }
            assertNobodyTakesAnythingAway(database, owner);
            assertThat(Sql.failure(owner, "SELECT cleanup_consumer_inbox()")).isEqualTo("55000");
            assertEverythingIsThere(owner);

            Sql.run(owner, "UPDATE partition_clock SET doubted_at = doubted_at - interval '12 hours'");
            MaintenanceReport later = maintenance.run();
            assertThat(later.of(DROP)).hasSize(2);
            assertThat(later.forgottenInboxRows()).isEqualTo(1);
            assertThat(Sql.rows(owner, "SELECT FROM saga_idempotency_keys")).isEmpty();
        }
    }

    @Test
    void aStoreThatStartsDoesNotMakeTheTimeSure(Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner()) {
            expired(owner);
            Sql.run(owner, LONG_AGO);
            Sql.run(
                    owner,
                    "DROP TABLE saga_outbox_y"
                            + Sql.value(owner, "SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY\"m\"MM\"d\"DD')"));

            assertThat(database.migrations().migrate().partitions())
                    .extracting(PartitionAction::kind)
                    .contains(CREATE);
            assertNobodyTakesAnythingAway(database, owner);
        }
    }

    @Test
    void aWeekWithoutMaintenanceIsNoReasonForDoubt(Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner()) {
            expired(owner);
            Sql.run(owner, "UPDATE partition_clock SET seen_at = now() - interval '7 days 23 hours'");

            assertThat(database.maintenance(Route.POOLED).run().of(DROP)).hasSize(2);

            assertThat(Sql.value(owner, "SELECT seen_at > now() - interval '1 hour', doubted_at FROM partition_clock"))
                    .isEqualTo("t|null");
        }
    }

    @Test
    void aMaintenanceThatHasForgottenTheTimeDoubtsIt(Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner()) {
            expired(owner);
            Sql.run(owner, "DELETE FROM partition_clock");

            assertNobodyTakesAnythingAway(database, owner);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aClockThatWasAheadIsForgottenWhenItIsSetBack(Way way, Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner()) {
            Rows.saga(owner, Rows.daysAgo(owner, 0), "SUCCESS");
            assertThat(Sql.rows(
                            owner,
                            "SELECT action FROM sagaz_maintain(now() + interval '10 years') WHERE action <> 'CREATE'"))
                    .containsExactly("LATER");
            assertThat(database.maintenance(Route.DIRECT)
                            .atTime(now -> now.plus(Duration.ofDays(20 * 365)))
                            .run()
                            .actions())
                    .extracting(PartitionAction::kind)
                    .containsOnly(CREATE, LATER);
            assertThat(Sql.value(owner, "SELECT count(*) FROM saga_executions")).isEqualTo("1");

            assertThat(way.of(database).run().actions()).isEmpty();

            expired(owner);
            assertThat(way.of(database).run().of(DROP)).hasSize(2);
            assertThat(database.maintenance(Route.DIRECT)
                            .atTime(now -> now.plus(Duration.ofDays(2 * 365)))
                            .run()
                            .of(LATER))
                    .as("ahead again, though not as far")
                    .hasSize(1);
        }
    }

    /** A saga with its step and key, and a row of the inbox, that have all expired. */
    private static void expired(Connection owner) throws SQLException {
        Rows.saga(owner, Rows.monthsAgo(owner, 18), "SUCCESS");
        Sql.run(
                owner,
                "INSERT INTO consumer_inbox (consumer_name, event_id, processed_at)"
                        + " VALUES ('c', gen_random_uuid(), now() - interval '2 years')");
    }

    /** Whichever instance comes, with the same clock. */
    private static void assertNobodyTakesAnythingAway(Database database, Connection owner) throws SQLException {
        for (Way way : Way.values()) {
            assertThat(way.of(database).run().actions())
                    .as(way.name())
                    .extracting(PartitionAction::kind)
                    .containsExactly(LATER);
        }
        assertEverythingIsThere(owner);
    }

    private static void assertEverythingIsThere(Connection owner) throws SQLException {
        assertThat(
                        Sql.value(
                                owner,
                                "SELECT (SELECT count(*) FROM saga_executions), (SELECT count(*) FROM saga_steps),"
                                        + " (SELECT count(*) FROM saga_idempotency_keys), (SELECT count(*) FROM consumer_inbox)"))
                .isEqualTo("1|1|1|1");
    }
}
