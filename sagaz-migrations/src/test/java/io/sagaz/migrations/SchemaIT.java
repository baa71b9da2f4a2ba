package io.sagaz.migrations;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.migrations.Lab.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the tables and functions do for people who write plain SQL. */
@Lab
class SchemaIT {
    private static final String CHECK_VIOLATION = "23514";
    private static final String NO_RIGHT = "42501";

    private Database database;

    @BeforeEach
    void migrate(Database fresh) {
        database = fresh;
        database.migrations().migrate();
    }

    @Test
    void plainInsertsWork() throws SQLException {
        try (Connection app = database.app()) {
            Sql.run(app, "INSERT INTO saga_executions (saga_name, status) VALUES ('order', 'RUNNING')");
            Sql.run(app, "INSERT INTO saga_executions (saga_name, status) VALUES ('a', 'PENDING'), ('b', 'PENDING')");
            app.setAutoCommit(false);
            for (int i = 0; i < 3; i++) {
                Sql.run(app, "INSERT INTO saga_executions (saga_name, status) VALUES ('c', 'SUCCESS')");
                Sql.run(app, "INSERT INTO saga_outbox (topic, payload) VALUES ('t', '{}'), ('t', '{}')");
                Sql.run(
                        app,
                        "INSERT INTO saga_audit_log (saga_id, event_type) SELECT saga_id, 'STARTED'"
                                + " FROM saga_executions LIMIT 2");
            }
            app.commit();
            Sql.run(
                    app,
                    "INSERT INTO saga_steps (saga_id, created_at, step_index, step_name)"
                            + " SELECT saga_id, created_at, 0, 'reserve' FROM saga_executions");
            Sql.run(
                    app,
                    "INSERT INTO saga_idempotency_keys SELECT saga_name, saga_id::text, saga_id, created_at"
                            + " FROM saga_executions");

            assertThat(Sql.value(app, "SELECT count(DISTINCT saga_id) FROM saga_executions"))
                    .isEqualTo("6");
            assertThat(Sql.value(
                            app,
                            "SELECT bool_and(created_at = sagaz_uuid7_time(saga_id)"
                                    + " AND created_at = date_trunc('milliseconds', updated_at)) FROM saga_executions"))
                    .isEqualTo("t");
            assertThat(Sql.value(
                            app,
                            "SELECT count(*), count(DISTINCT seq), count(DISTINCT tx_id), bool_and(shard"
                                    + " BETWEEN 0 AND 63) FROM saga_outbox"))
                    .isEqualTo("6|6|1|t");
            assertThat(Sql.value(app, "SELECT count(*) FROM saga_steps")).isEqualTo("6");
        }
    }

    @Test
    void anIdMustCarryItsTimeAndBeOfVersion7() throws SQLException {
        try (Connection app = database.app()) {
            Sql.run(app, "INSERT INTO saga_executions (saga_name, status) VALUES ('moved', 'RUNNING')");
            assertThat(Sql.message(
                            app,
                            "INSERT INTO saga_executions (saga_id, saga_name, status)"
                                    + " VALUES (sagaz_uuid7(now() - interval '2 milliseconds'), 'a', 'RUNNING')"))
                    .contains("must be the time in its saga_id, a UUIDv7, but is ");
            // As like a UUIDv7 as can be, but of version 4, and then of another variant.
            for (String id : List.of("overlay(id placing '4' from 15)", "overlay(id placing 'c' from 20)")) {
                assertThat(Sql.message(
                                app,
                                "INSERT INTO saga_executions (saga_id, saga_name, status) SELECT (" + id
                                        + ")::uuid, 'a', 'RUNNING' FROM (SELECT sagaz_uuid7(now())::text AS id) fresh"))
                        .contains("must be the time in its saga_id, a UUIDv7, but is ");
            }
            assertThat(Sql.failure(
                            app,
                            "INSERT INTO saga_outbox (event_id, topic, payload)"
                                    + " VALUES (gen_random_uuid(), 't', '{}')"))
                    .isEqualTo(CHECK_VIOLATION);
            assertThat(Sql.failure(
                            app,
                            "UPDATE saga_executions SET saga_id = sagaz_uuid7(created_at - interval '1 second')"
                                    + " WHERE saga_name = 'moved'"))
                    .isEqualTo(CHECK_VIOLATION);
            assertThat(Sql.failure(
                            app,
                            "INSERT INTO saga_steps (saga_id, created_at, step_index, step_name)"
                                    + " VALUES (sagaz_uuid7(now() - interval '1 second'), now(), 0, 'a')"))
                    .isEqualTo(CHECK_VIOLATION);
        }
    }

    @Test
    void anInsertOutsideAllPartitionsFails() throws SQLException {
        try (Connection app = database.app()) {
            assertThat(Sql.message(
                            app,
                            "INSERT INTO saga_executions (saga_id, created_at, saga_name, status)"
                                    + " VALUES (sagaz_uuid7('2020-01-01Z'), '2020-01-01Z', 'a', 'RUNNING')"))
                    .contains("no partition of relation \"saga_executions\" found");
            assertThat(Sql.failure(
                            app,
                            "INSERT INTO saga_outbox (event_id, created_at, topic, payload)"
                                    + " VALUES (sagaz_uuid7('2020-01-01Z'), '2020-01-01Z', 't', '{}')"))
                    .isEqualTo(CHECK_VIOLATION);
        }
    }

    @Test
    void yesterdayAndLastMonthAreThere() throws SQLException {
        try (Connection app = database.app()) {
            String yesterday = "date_trunc('milliseconds', now() - interval '1 day')";
            Sql.run(
                    app,
                    "INSERT INTO saga_outbox (event_id, created_at, topic, payload) VALUES (sagaz_uuid7(" + yesterday
                            + "), " + yesterday + ", 't', '{}')");
            Sql.run(
                    app,
                    "INSERT INTO saga_executions (saga_id, created_at, saga_name, status) VALUES (sagaz_uuid7("
                            + yesterday + "), " + yesterday + ", 'a', 'RUNNING')");
        }
    }

    @Test
    void unknownStatusesAreRefused() throws SQLException {
        try (Connection app = database.app()) {
            assertThat(Sql.failure(app, "INSERT INTO saga_executions (saga_name, status) VALUES ('a', 'EXECUTING')"))
                    .isEqualTo(CHECK_VIOLATION);
            assertThat(Sql.failure(
                            app,
                            "INSERT INTO saga_executions (saga_name, status) VALUES (repeat('n', 256), 'RUNNING')"))
                    .isEqualTo("22001");
        }
    }

    @Test
    void timesAreExactToTheMillisecond() throws SQLException {
        try (Connection app = database.app()) {
            for (String start : List.of("1970-01-01Z", "2026-01-01Z", "2120-01-01Z", "9999-12-31Z")) {
                assertThat(Sql.value(
                                app,
                                "SELECT count(*) FROM (SELECT timestamptz '" + start
                                        + "' + n * interval '0.123457 seconds' AS t FROM generate_series(0, 20000) n) x"
                                        + " WHERE sagaz_uuid7_time(sagaz_uuid7_floor(t)) <> date_trunc('milliseconds', t)"
                                        + " OR sagaz_uuid7_time(sagaz_uuid7(t)) <> date_trunc('milliseconds', t)"
                                        + " OR NOT sagaz_uuid7_carries(sagaz_uuid7(t), date_trunc('milliseconds', t))"
                                        + " OR sagaz_uuid7(t) < sagaz_uuid7_floor(t)"))
                        .isEqualTo("0");
            }
            assertThat(Sql.value(app, "SELECT sagaz_uuid7_floor('2026-02-03 04:05:06.789999Z')"))
                    .isEqualTo("019c21ac-ec65-7000-8000-000000000000");
            assertThat(Sql.value(
                            app, "SELECT sagaz_uuid7_time('019c21ac-ec65-7000-8000-000000000000') AT TIME ZONE 'UTC'"))
                    .isEqualTo("2026-02-03 04:05:06.789");
        }
    }

    @Test
    void theSameKeyIsAlwaysInTheSameShard() throws SQLException {
        try (Connection app = database.app()) {
            Sql.run(
                    app,
                    "INSERT INTO saga_outbox (topic, payload, partition_key)"
                            + " SELECT 't', '{}', 'key ' || n % 500 FROM generate_series(1, 2000) n");

            assertThat(Sql.value(
                            app,
                            "SELECT max(n) FROM (SELECT count(DISTINCT shard) AS n FROM saga_outbox"
                                    + " GROUP BY partition_key) x"))
                    .isEqualTo("1");
            assertThat(Sql.value(app, "SELECT count(DISTINCT shard) FROM saga_outbox"))
                    .isEqualTo("64");
            // Fixed for ever: another value would tear the events of a key apart.
            assertThat(Sql.value(app, "SELECT DISTINCT shard FROM saga_outbox WHERE partition_key = 'key 42'"))
                    .isEqualTo("2");
        }
    }

    @Test
    void updatesOfAnUnfinishedSagaTouchNoIndex() throws SQLException {
        try (Connection app = database.app()) {
            app.setAutoCommit(false);
            Sql.run(app, "INSERT INTO saga_executions (saga_name, status) VALUES ('a', 'PENDING')");
            Sql.run(app, "UPDATE saga_executions SET status = 'RUNNING', version = 2, updated_at = clock_timestamp()");
            Sql.run(app, "UPDATE saga_executions SET lease_owner = 'me', lease_until = now(), context = '{\"a\": 1}'");
            Sql.run(app, "UPDATE saga_executions SET status = 'COMPENSATING', lease_owner = 'x'");
            String hot = "SELECT sum(pg_stat_get_xact_tuples_updated(inhrelid)),"
                    + " sum(pg_stat_get_xact_tuples_hot_updated(inhrelid))"
                    + " FROM pg_inherits WHERE inhparent = 'saga_executions'::regclass";

            assertThat(Sql.value(app, hot)).isEqualTo("3|3");
            Sql.run(app, "UPDATE saga_executions SET status = 'COMPENSATED'");
            assertThat(Sql.value(app, hot)).isEqualTo("4|3");
        }
    }

    @Test
    void listsAndClaimsFindTheirIndex() throws SQLException {
        try (Connection app = database.app()) {
            Sql.run(
                    app,
                    "INSERT INTO saga_executions (saga_name, status)"
                            + " SELECT 'name ' || n % 50, CASE n % 100 WHEN 0 THEN 'FAILED' WHEN 1 THEN 'RUNNING' ELSE 'SUCCESS' END"
                            + " FROM generate_series(1, 20000) n");
            try (Connection owner = database.owner()) {
                Sql.run(owner, "ANALYZE saga_executions");
            }

            assertThat(
                            plan(
                                    app,
                                    "WHERE unfinished AND created_at >= now() - interval '3 days' ORDER BY created_at LIMIT 10"))
                    .contains("created_at_saga_id_idx")
                    .doesNotContain("Seq Scan on saga_executions_y" + thisMonth(app));
            assertThat(plan(app, "WHERE outcome = 'FAILED' ORDER BY created_at DESC, saga_id DESC LIMIT 10"))
                    .contains("outcome_created_at_saga_id_idx");
            assertThat(plan(app, "WHERE saga_name = 'name 7' ORDER BY created_at DESC, saga_id DESC LIMIT 10"))
                    .contains("saga_name_created_at_saga_id_idx");
        }
    }

    private static String thisMonth(Connection connection) throws SQLException {
        return Sql.value(connection, "SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY\"m\"MM')");
    }

    private static String plan(Connection connection, String rest) throws SQLException {
        return String.join("\n", Sql.rows(connection, "EXPLAIN SELECT saga_id FROM saga_executions " + rest));
    }

    @Test
    void theApplicationWritesRowsButMakesNoObjects() throws SQLException {
        try (Connection app = database.app()) {
            for (String ddl : List.of(
                    "CREATE TABLE mine (id int)",
                    "ALTER TABLE saga_executions ADD COLUMN mine int",
                    "DROP TABLE saga_outbox",
                    "SELECT sagaz_ensure_partition('saga_outbox', 'DAY', '2031-01-01', 'fillfactor = 10')")) {
                assertThat(Sql.failure(app, ddl)).as(ddl).isEqualTo(NO_RIGHT);
            }
        }
    }

    @Test
    void theApplicationMayMakePartitionsThatBelongToTheOwner() throws SQLException {
        try (Connection app = database.app()) {
            Sql.run(app, "SELECT create_saga_outbox_partition('2031-01-01')");

            assertThat(Sql.value(
                            app, "SELECT relowner::regrole FROM pg_class WHERE relname = 'saga_outbox_y2031m01d01'"))
                    .isEqualTo("sagaz_owner");
            assertThat(Sql.rows(app, "SELECT DISTINCT action FROM maintain_all_partitions()"))
                    .containsExactly("EXISTS");
        }
    }

    @Test
    void theReaderOnlyReads() throws SQLException {
        try (Connection reader = database.reader()) {
            assertThat(Sql.value(reader, "SELECT count(*) FROM saga_executions"))
                    .isEqualTo("0");
            assertThat(Sql.rows(reader, "SELECT * FROM get_partition_statistics()"))
                    .hasSize(4);
            for (String write : List.of(
                    "INSERT INTO saga_executions (saga_name, status) VALUES ('a', 'RUNNING')",
                    "INSERT INTO consumer_inbox (consumer_name, event_id) VALUES ('a', gen_random_uuid())",
                    "UPDATE partition_settings SET ahead = 1",
                    "SELECT create_saga_outbox_partition('2031-01-01')",
                    "SELECT * FROM cleanup_consumer_inbox(1)")) {
                assertThat(Sql.failure(reader, write)).as(write).isEqualTo(NO_RIGHT);
            }
        }
    }

    @Test
    void theInboxForgetsWhatIsOld() throws SQLException {
        try (Connection app = database.app()) {
            Sql.run(
                    app,
                    "INSERT INTO consumer_inbox (consumer_name, event_id, processed_at)"
                            + " SELECT 'c', gen_random_uuid(), now() - n * interval '1 day' - interval '1 hour'"
                            + " FROM generate_series(0, 99) n");

            assertThat(Sql.value(app, "SELECT cleanup_consumer_inbox()")).isEqualTo("10");
            assertThat(Sql.value(app, "SELECT cleanup_consumer_inbox(50)")).isEqualTo("40");
            assertThat(Sql.failure(app, "SELECT cleanup_consumer_inbox(0)")).isEqualTo("22023");
            assertThat(Sql.failure(app, "SELECT cleanup_consumer_inbox(NULL)")).isEqualTo("22023");
            assertThat(Sql.value(app, "SELECT count(*) FROM consumer_inbox")).isEqualTo("50");
        }
    }

    /** More than a batch of it, and a row that somebody has locked: nobody is waited for. */
    @Test
    void forgettingTheInboxWaitsForNobody() throws SQLException {
        try (Connection app = database.app();
                Connection other = database.app()) {
            Sql.run(
                    app,
                    "INSERT INTO consumer_inbox (consumer_name, event_id, processed_at)"
                            + " SELECT 'c', gen_random_uuid(), now() - interval '91 days' - n * interval '1 second'"
                            + " FROM generate_series(1, 25000) n");
            Sql.run(app, "INSERT INTO consumer_inbox (consumer_name, event_id) VALUES ('young', gen_random_uuid())");
            other.setAutoCommit(false);
            Sql.run(
                    other,
                    "SELECT FROM consumer_inbox WHERE consumer_name = 'c' ORDER BY processed_at LIMIT 3 FOR UPDATE");
            Sql.run(app, "SET lock_timeout = '1ms'");

            assertThat(Sql.value(app, "SELECT cleanup_consumer_inbox()")).isEqualTo("24997");
            other.rollback();
            assertThat(Sql.value(app, "SELECT cleanup_consumer_inbox()")).isEqualTo("3");
            assertThat(Sql.value(app, "SELECT string_agg(consumer_name, ',') FROM consumer_inbox"))
                    .isEqualTo("young");
        }
    }

    @Test
    void theInboxIsForgottenInBatchesThatEndByThemselves() throws SQLException {
        try (Connection app = database.app();
                Connection other = database.app()) {
            Sql.run(
                    app,
                    "INSERT INTO consumer_inbox (consumer_name, event_id, processed_at)"
                            + " SELECT 'c', gen_random_uuid(), now() - interval '91 days' - n * interval '1 second'"
                            + " FROM generate_series(1, 25) n");
            String behind = "-infinity";
            for (String expected : List.of("10|15", "10|5", "5|0")) {
                String answer =
                        Sql.value(app, "SELECT deleted, reached FROM sagaz_forget_inbox_rows(10, '" + behind + "')");
                behind = answer.substring(answer.indexOf('|') + 1);
                assertThat(answer.substring(0, answer.indexOf('|') + 1)
                                + Sql.value(other, "SELECT count(*) FROM consumer_inbox"))
                        .as("deleted, and what others see")
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void twoConsumersMayProcessTheSameEvent() throws SQLException {
        try (Connection app = database.app()) {
            String insert = "INSERT INTO consumer_inbox (consumer_name, event_id)"
                    + " VALUES ('%s', '019c21ac-ec65-7000-8000-000000000000')";
            Sql.run(app, insert.formatted("a"));
            Sql.run(app, insert.formatted("b"));
            assertThat(Sql.failure(app, insert.formatted("a"))).isEqualTo("23505");
        }
    }

    @Test
    void everythingIsCommentedOn() throws SQLException {
        try (Connection owner = database.owner()) {
            assertThat(Sql.rows(
                            owner,
                            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
                                    + " AND NOT relispartition AND relname NOT LIKE 'sagaz_schema_history%' AND relname NOT LIKE"
                                    + " '%_pkey' AND obj_description(oid, 'pg_class') IS NULL"))
                    .isEmpty();
            assertThat(Sql.rows(
                            owner,
                            "SELECT attrelid::regclass || '.' || attname FROM pg_attribute JOIN pg_class c ON c.oid = attrelid"
                                    + " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
                                    + " AND NOT relispartition AND relname <> 'sagaz_schema_history' AND attnum > 0"
                                    + " AND NOT attisdropped AND col_description(attrelid, attnum) IS NULL"))
                    .as("columns")
                    .isEmpty();
            assertThat(Sql.rows(
                            owner,
                            "SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
                                    + " AND obj_description(oid, 'pg_proc') IS NULL"))
                    .isEmpty();
        }
    }
}
