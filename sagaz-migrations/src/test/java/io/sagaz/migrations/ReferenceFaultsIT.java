package io.sagaz.migrations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagaz.migrations.Lab.Database;
import io.sagaz.migrations.Lab.Route;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The faults of the reference deployment's SQL, by their numbers. Each test fails on it. */
@Lab
class ReferenceFaultsIT {
    /** The first statement fails, everything after it is ignored, and the script says that it has created the tables. */
    @Test
    void x01AllTablesAreThereWithAKeyThatHoldsThePartitionColumn(Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner()) {
            for (String table : List.of("saga_executions", "saga_steps", "saga_outbox", "saga_audit_log")) {
                assertThat(Sql.value(
                                owner,
                                "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'p' AND conrelid = '"
                                        + table + "'::regclass"))
                        .as(table)
                        .contains("created_at");
                assertThat(Sql.value(owner, "SELECT count(*) FROM " + table)).isEqualTo("0");
            }
            assertThat(Sql.value(owner, "SELECT count(*) FROM consumer_inbox")).isEqualTo("0");
        }
    }

    /** {@code date + interval} is a timestamp, for which there is no such function. */
    @Test
    void x02MaintenanceMakesTheFirstPartitions(Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner()) {
            for (String partition : Sql.rows(owner, "SELECT partition_name FROM partition_metadata")) {
                Sql.run(owner, "DROP TABLE " + partition);
            }

            assertThat(Sql.rows(
                            owner, "SELECT action, table_name FROM maintain_all_partitions() WHERE action <> 'LATER'"))
                    .hasSize(24)
                    .contains(
                            "CREATE|saga_executions",
                            "CREATE|saga_steps",
                            "CREATE|saga_outbox",
                            "CREATE|saga_audit_log");
        }
    }

    /** Columns are ambiguous, types do not match: each function fails when it is called. */
    @Test
    void x03EachFunctionCanBeCalled(Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner()) {
            for (String call : List.of(
                    "create_saga_executions_partition('2031-01-01')",
                    "create_saga_outbox_partition('2031-01-01')",
                    "create_saga_audit_log_partition('2031-01-01')",
                    "maintain_all_partitions()",
                    "get_partition_statistics()",
                    "cleanup_consumer_inbox()")) {
                for (int i = 0; i < 2; i++) {
                    assertThat(Sql.rows(owner, "SELECT * FROM " + call))
                            .as(call)
                            .isNotEmpty();
                }
            }
        }
    }

    /** The first run that has something to drop fails, and takes with it the partitions that it has just made. */
    @Test
    void x04ARunThatHasSomethingToTakeAwayMakesNewPartitionsAndTakesItAway(Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner()) {
            Rows.saga(owner, Rows.monthsAgo(owner, 20), "SUCCESS");
            Sql.run(
                    owner,
                    "CREATE VIEW in_the_way AS SELECT * FROM "
                            + Sql.value(owner, "SELECT tableoid::regclass FROM saga_executions"));
            Sql.run(owner, "SELECT * FROM maintain_all_partitions()");
            Sql.run(owner, "UPDATE partition_settings SET ahead = ahead + 1 WHERE granularity <> 'NONE'");

            List<String> troubled =
                    Sql.rows(owner, "SELECT action FROM maintain_all_partitions() WHERE action <> 'EXISTS'");
            assertThat(troubled).contains("CREATE", "FAIL");
            assertThat(Sql.rows(owner, "SELECT * FROM sagaz_partition_plan() WHERE NOT present"))
                    .isEmpty();
            Sql.run(owner, "DROP VIEW in_the_way");
            assertThat(Sql.rows(owner, "SELECT action FROM maintain_all_partitions()"))
                    .contains("DROP");
        }
    }

    /** The set-up fails, says that it is complete, and ends with status 0. */
    @Test
    void x05ASetUpThatFailsSaysSo(Database database) throws SQLException {
        try (Connection superuser = database.superuser()) {
            Sql.run(
                    superuser,
                    "CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS"
                            + " $$ BEGIN RAISE EXCEPTION 'no tables today'; END $$");
            Sql.run(
                    superuser,
                    "CREATE EVENT TRIGGER refuse ON ddl_command_start WHEN TAG IN ('CREATE TABLE')"
                            + " EXECUTE FUNCTION refuse()");

            assertThatThrownBy(database.migrations()::migrate)
                    .isInstanceOf(MigrationException.class)
                    .hasMessageContaining("no tables today");
            assertThatThrownBy(database.migrations()::check).isInstanceOf(SchemaOutOfDate.class);
        }
    }

    // X-06, a schema that the library cannot work with, is a test of the store: ReferenceFaultsIT there.

    /** Age alone decides: events that nobody has published are dropped, and sagas that run. */
    @Test
    void x07WhatIsStillNeededIsNotDropped(Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner()) {
            String event = Rows.event(owner, Rows.daysAgo(owner, 60));
            String saga = Rows.saga(owner, Rows.monthsAgo(owner, 20), "RUNNING");
            for (int i = 0; i < 3; i++) {
                Sql.run(owner, "SELECT * FROM maintain_all_partitions()");
            }
            assertThat(Sql.rows(owner, "SELECT event_id FROM saga_outbox")).containsExactly(event);
            assertThat(Sql.rows(owner, "SELECT saga_id FROM saga_executions")).containsExactly(saga);
        }
    }

    /** Identifiers and keys are unique only together with a time that nobody compares. */
    @Test
    void x07IdentifiersAndKeysAreUniqueWhateverTheirTime(Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection app = database.app()) {
            Sql.run(app, "INSERT INTO saga_executions (saga_name, status) VALUES ('a', 'RUNNING')");
            Sql.run(app, "INSERT INTO saga_outbox (topic, payload) VALUES ('t', '{}')");
            Sql.run(
                    app,
                    "INSERT INTO saga_idempotency_keys SELECT 'a', 'key', saga_id, created_at FROM saga_executions");
            for (String shift : List.of("0", "1 millisecond", "1 day", "1 month")) {
                assertThat(Sql.failure(
                                app,
                                "INSERT INTO saga_executions (saga_id, created_at, saga_name, status)"
                                        + " SELECT saga_id, created_at + interval '" + shift
                                        + "', 'b', 'RUNNING' FROM saga_executions"))
                        .as(shift)
                        .isIn("23505", "23514");
                assertThat(Sql.failure(
                                app,
                                "INSERT INTO saga_outbox (event_id, created_at, topic, payload)"
                                        + " SELECT event_id, created_at + interval '" + shift
                                        + "', 't', '{}' FROM saga_outbox"))
                        .as(shift)
                        .isIn("23505", "23514");
            }
            assertThat(Sql.failure(
                            app,
                            "INSERT INTO saga_idempotency_keys SELECT 'a', 'key', id, sagaz_uuid7_time(id)"
                                    + " FROM (SELECT sagaz_uuid7(now()) AS id) another"))
                    .isEqualTo("23505");
        }
    }

    /** Yesterday has no partition, and eight days after the last maintenance writes stop. */
    @Test
    void x07YesterdayAndTheDaysAheadCanBeWritten(Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection app = database.app()) {
            for (int day = -1; day <= 7; day++) {
                String time = Sql.value(app, "SELECT date_trunc('milliseconds', now() + interval '" + day + " days')");
                assertThat(Sql.failure(
                                app,
                                "INSERT INTO saga_outbox (event_id, created_at, topic, payload) VALUES (sagaz_uuid7('"
                                        + time + "'), '" + time + "', 't', '{}')"))
                        .as("day %s", day)
                        .isEqualTo("(none)");
            }
        }
    }

    /** Two maintainers at once: relation already exists. */
    @Test
    void x07MaintainersMayMeet(Database database) throws Exception {
        database.migrations().migrate();
        try (Connection owner = database.owner()) {
            for (int round = 0; round < 10; round++) {
                Sql.run(owner, "UPDATE partition_settings SET ahead = ahead + 1 WHERE granularity <> 'NONE'");
                Rows.event(owner, Rows.daysAgo(owner, 40 + round));
                Sql.together(4, () -> {
                    try (Connection connection = database.app()) {
                        return Sql.rows(connection, "SELECT * FROM maintain_all_partitions()");
                    }
                });
            }
            assertThat(Sql.rows(owner, "SELECT * FROM sagaz_partition_plan() WHERE NOT present"))
                    .isEmpty();
        }
    }

    /** Times without a zone mean another moment to each client. */
    @Test
    void x07TimesHaveAZone(Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner()) {
            assertThat(Sql.rows(
                            owner,
                            "SELECT attrelid::regclass, attname FROM pg_attribute JOIN pg_class c ON c.oid = attrelid"
                                    + " WHERE relnamespace = 'public'::regnamespace AND atttypid = 'timestamp'::regtype"
                                    + " AND relname NOT LIKE 'sagaz_schema_history%'"))
                    .isEmpty();
        }
    }

    /** What was there already is reported as created, the audit log is never dropped, the whole is never analyzed. */
    @Test
    void x07TheReportIsTrueAndTheAuditLogIsKeptNoLongerThanItShould(Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner()) {
            Rows.audit(owner, Rows.monthsAgo(owner, 14), Sql.value(owner, "SELECT sagaz_uuid7('2024-01-01Z')"));
            assertThat(Sql.rows(owner, "SELECT action FROM maintain_all_partitions() WHERE action = 'CREATE'"))
                    .isEmpty();
            assertThat(Sql.rows(
                            owner, "SELECT action, table_name FROM maintain_all_partitions() WHERE action <> 'EXISTS'"))
                    .containsExactly("DROP|saga_audit_log");
            Sql.run(
                    owner,
                    "INSERT INTO saga_executions (saga_name, status) SELECT 'a', 'SUCCESS' FROM generate_series(1, 100)");
            database.maintenance(Route.POOLED).run();
            assertThat(Sql.rows(owner, "SELECT DISTINCT tablename FROM pg_stats WHERE inherited"))
                    .contains("saga_executions");
        }
    }

    /** DROP waits for readers of any partition, and everybody waits behind it. */
    @Test
    void x07AReaderIsNotInTheWayOfOthers(Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner();
                Connection reader = database.reader();
                Connection app = database.app()) {
            Rows.saga(owner, Rows.monthsAgo(owner, 20), "SUCCESS");
            reader.setAutoCommit(false);
            Sql.value(reader, "SELECT count(*) FROM saga_executions");

            assertThat(Sql.rows(
                            owner, "SELECT action, table_name FROM maintain_all_partitions() WHERE action <> 'EXISTS'"))
                    .containsExactlyInAnyOrder("LATER|saga_executions", "KEEP|saga_steps");
            Sql.run(app, "SET lock_timeout = '1ms'");
            Sql.run(app, "INSERT INTO saga_executions (saga_name, status) VALUES ('a', 'RUNNING')");
            reader.rollback();
        }
    }

    /** The query that looks for work visits every partition. */
    @Test
    void x07ReadingOnFromACursorVisitsThePartitionsThatItMust(Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection app = database.app()) {
            Sql.run(app, "INSERT INTO saga_outbox (topic, payload) VALUES ('t', '{}')");
            List<String> plan = Sql.rows(
                    app,
                    "EXPLAIN SELECT * FROM saga_outbox WHERE created_at >= timestamptz '"
                            + Sql.value(app, "SELECT max(created_at) FROM saga_outbox")
                            + "' AND created_at < timestamptz '" + Sql.value(app, "SELECT now() + interval '1 minute'")
                            + "' AND seq > 0 ORDER BY seq");
            assertThat(plan.stream().filter(line -> line.contains(" on saga_outbox_y")))
                    .hasSize(1);
        }
    }
}
