package io.sagaz.migrations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagaz.migrations.Lab.Database;
import io.sagaz.migrations.Lab.Route;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What docs/adoption.md tells an operator to do, done with its own SQL by the owner of a careful installation, in a session
 * whose time zone is not UTC.
 */
@Lab
class AdoptionIT {
    private static final Guide GUIDE = Guide.read("adoption.md");
    private static final List<String> COPY =
            List.of("partitions", "copy-sagas", "copy-dead-letters", "copy-events", "copy-inbox");

    @Test
    void sagasOfTheLibraryComeOver(Database database) throws SQLException {
        try (Connection owner = ownerOf(database)) {
            OldTables.SAGAS.create(owner);
            Sql.run(owner, OldRows.SAGAS);

            adopt(database, owner, "sagas");

            assertThat(counts(owner))
                    .contains(
                            "sagas PENDING|1|1",
                            "sagas RUNNING|2|2",
                            "sagas SUCCESS|31|31",
                            "sagas FAILED|2|2",
                            "sagas COMPENSATING|1|1",
                            "sagas COMPENSATED|1|1",
                            "idempotency keys|38|38",
                            "steps|9|9",
                            "audit entries, one more for each saga|38|38");
            assertThat(Sql.rows(owner, GUIDE.block("left-out")))
                    .contains(
                            "sagas too old, finished|1",
                            "sagas too old, unfinished|1",
                            "steps of no saga that was copied|1");
            // Everything that is the same on both sides.
            assertThat(Sql.rows(owner, """
                            SELECT s.saga_id FROM sagaz_old.sagas s
                            LEFT JOIN saga_idempotency_keys k ON k.saga_name = s.saga_name AND k.idempotency_key = s.saga_id
                            LEFT JOIN saga_executions e ON e.saga_id = k.saga_id AND e.created_at = k.created_at
                            WHERE (e.saga_name = s.saga_name AND e.idempotency_key = s.saga_id AND e.version = 1
                                AND e.created_at = date_trunc('milliseconds', coalesce(s.created_at, s.updated_at, e.created_at))
                                AND e.updated_at = coalesce(s.updated_at, s.created_at, e.updated_at)
                                AND e.completed_at IS NOT DISTINCT FROM CASE WHEN NOT e.unfinished THEN e.updated_at END
                                AND e.lease_owner IS NULL AND e.lease_until IS NULL AND e.result IS NULL) IS NOT TRUE
                            ORDER BY 1""")).containsExactly("old-finished", "old-unfinished");
            assertThat(Sql.rows(
                            owner,
                            "SELECT idempotency_key, status, context FROM saga_executions WHERE saga_name <> 'edge'"
                                    + " ORDER BY idempotency_key COLLATE \"C\""))
                    .containsExactly(
                            "0192f0c4-7a3b-7def-8123-456789abcdef|RUNNING|{}",
                            "3f2504e0-4f89-41d3-9a0c-0305e82c3301|PENDING|{}",
                            "Bestellung Nr. 7 / \"ä\" 'q'|COMPENSATING|[1, null]",
                            "no-time|FAILED|{}",
                            "no-time-at-all|FAILED|{}",
                            "order-1|SUCCESS|{\"total\": 10}",
                            "waits|RUNNING|{}",
                            "x".repeat(255) + "|COMPENSATED|{\"list\": [1, null]}");
            assertThat(Sql.rows(
                            owner,
                            "SELECT event_data FROM saga_audit_log WHERE event_type = 'SAGA_ADOPTED' AND saga_version = 1"
                                    + " AND event_data ->> 'id' IN ('order-1', 'no-time-at-all') ORDER BY 1"))
                    .containsExactlyInAnyOrder(
                            "{\"id\": \"order-1\", \"status\": \"completed\", \"metadata\": {\"who\": \"me\", \"why\": null}}",
                            "{\"id\": \"no-time-at-all\", \"status\": \"partially_committed\", \"metadata\": {}}");
            afterwardsAllOfSagazWorks(database, "order-1");
        }
    }

    @Test
    void stepsFollowTheirSaga(Database database) throws SQLException {
        try (Connection owner = ownerOf(database)) {
            OldTables.SAGAS.create(owner);
            Sql.run(owner, OldRows.SAGAS);

            adopt(database, owner, "sagas");

            assertThat(Sql.rows(owner, """
                            SELECT t.step_index, t.step_name, t.status, t.output, t.error, t.retry_count,
                                extract(epoch FROM t.started_at - MONTH)::int, extract(epoch FROM t.completed_at - MONTH)::int
                            FROM saga_steps t JOIN saga_idempotency_keys k USING (saga_id, created_at)
                            WHERE k.idempotency_key = 'order-1' ORDER BY 1""".replace("MONTH", OldRows.MONTH)))
                    .containsExactly(
                            "0|z-first|SUCCESS|{\"ok\": true}|null|0|1|1",
                            "1|b|COMPENSATED|\"text\"|null|0|1|2",
                            "2|a|FAILED|null|boom|3|1|1",
                            "3|c|PENDING|null|null|0|null|null",
                            "4|d|RUNNING|null|null|1|0|null",
                            "5|e|COMPENSATING|null|null|0|0|null",
                            "6|f|SUCCESS|null|null|0|0|0",
                            "7|g|SKIPPED|null|null|0|null|null");
            assertThat(Sql.rows(
                            owner,
                            "SELECT t.step_index, t.step_name FROM saga_steps t JOIN saga_executions e"
                                    + " USING (saga_id, created_at) WHERE e.status = 'COMPENSATED'"))
                    .containsExactly("0|z-first");
        }
    }

    @Test
    void aSagaLiesInTheMonthOfItsTime(Database database) throws SQLException {
        try (Connection owner = ownerOf(database)) {
            OldTables.SAGAS.create(owner);
            Sql.run(owner, OldRows.SAGAS);

            adopt(database, owner, "sagas");

            assertThat(Sql.rows(owner, """
                            SELECT k.idempotency_key FROM saga_idempotency_keys k
                            JOIN saga_executions e USING (saga_id, created_at)
                            JOIN sagaz_old.sagas s ON s.saga_id = k.idempotency_key
                            WHERE s.created_at IS NOT NULL AND e.tableoid::regclass::text
                                <> 'saga_executions_y' || to_char(s.created_at AT TIME ZONE 'UTC', 'YYYY"m"MM')""")).isEmpty();
            assertThat(Sql.value(owner, "SELECT count(*) FROM saga_executions WHERE saga_name = 'edge'"))
                    .isEqualTo("30");
        }
    }

    @Test
    void theTablesOfStatusesAreWhatTheFunctionDoes(Database database) throws SQLException {
        List<String> documented = new ArrayList<>();
        for (List<String> row : GUIDE.table("new status")) {
            statuses(row.get(1)).forEach(old -> documented.add("saga|" + old + "|" + row.get(0)));
            statuses(row.get(2)).forEach(old -> documented.add("step|" + old + "|" + row.get(0)));
        }
        for (List<String> row : GUIDE.table("becomes")) {
            String becomes = row.get(0).split(",", -1)[0];
            statuses(row.get(1)).forEach(old -> documented.add("event|" + old + "|" + becomes));
        }
        // Whatever the old project and its partitioned set know.
        assertThat(documented)
                .extracting(line -> line.substring(0, line.lastIndexOf('|')))
                .containsExactlyInAnyOrderElementsOf(Stream.of(
                                "saga: pending executing completed compensating failed rolled_back partially_committed"
                                        + " forward_recovery running success compensated",
                                "step: pending executing completed compensating compensated failed tainted skipped running"
                                        + " success",
                                "event: pending claimed sent failed dead_letter published")
                        .flatMap(line -> Arrays.stream(line.split(": ", -1)[1].split(" ", -1))
                                .map(status -> line.split(": ", -1)[0] + "|" + status))
                        .toList());
        try (Connection owner = ownerOf(database)) {
            GUIDE.run(owner, "move");
            database.migrations().migrate();
            GUIDE.run(owner, "frame");
            for (String line : documented) {
                String[] cells = line.split("\\|", -1);
                for (String old : List.of(cells[1], cells[1].toUpperCase(java.util.Locale.ROOT))) {
                    assertThat(Sql.value(owner, "SELECT sagaz_old.adopt_status('%s', '%s')".formatted(cells[0], old)))
                            .as(line)
                            .isEqualTo(cells[2]);
                }
            }
        }
    }

    private static Stream<String> statuses(String cell) {
        return Arrays.stream(cell.split(", ", -1)).filter(status -> !status.isEmpty());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            UPDATE sagas SET status = 'paused' WHERE saga_id = 'waits'         | copy-sagas        | Unknown saga status: paused
            UPDATE sagas SET status = '' WHERE saga_id = 'waits'               | copy-sagas        | Unknown saga status:
            UPDATE saga_steps SET status = 'rolled_back' WHERE step_name = 'f' | copy-sagas        | Unknown step status: rolled_back
            UPDATE saga_outbox SET status = 'lost' WHERE event_type = 'lone'   | copy-dead-letters | Unknown event status: lost
            UPDATE saga_outbox SET status = 'lost' WHERE event_type = 'lone'   | copy-events       | Unknown event status: lost
            """)
    void anUnknownStatusEndsTheCopyAndNothingIsCopied(String change, String block, String error, Database database)
            throws SQLException {
        try (Connection owner = ownerOf(database)) {
            OldTables.SAGAS.create(owner);
            OldTables.OUTBOX.create(owner);
            Sql.run(owner, OldRows.SAGAS + OldRows.EVENTS);
            Sql.run(owner, change);
            GUIDE.run(owner, "move");
            database.migrations().migrate();
            GUIDE.run(owner, "frame", "sagas", "outbox", "partitions");
            List<String> before = everything(owner);

            assertThatThrownBy(() -> GUIDE.run(owner, block)).hasMessageContaining(error);

            assertThat(everything(owner)).isEqualTo(before);
        }
    }

    @Test
    void oldSagasComeAlongWhenTheRetentionIsRaised(Database database) throws SQLException {
        try (Connection owner = ownerOf(database)) {
            OldTables.SAGAS.create(owner);
            Sql.run(owner, OldRows.SAGAS);
            adopt(database, owner, "sagas");
            assertThat(Sql.value(owner, "SELECT count(*) FROM saga_executions")).isEqualTo("38");

            Sql.run(
                    owner,
                    "UPDATE partition_settings SET retention = '36 months' WHERE table_name IN ('saga_executions',"
                            + " 'saga_audit_log'); DELETE FROM sagaz_old.adopt_settings");
            GUIDE.run(owner, "frame", "sagas");
            copy(owner);

            assertThat(counts(owner)).contains("sagas SUCCESS|32|32", "sagas RUNNING|3|3", "steps|10|10");
            assertThat(Sql.rows(owner, GUIDE.block("left-out")))
                    .contains("sagas too old, finished|0", "sagas too old, unfinished|0");
            assertThat(Sql.rows(owner, "SELECT DISTINCT action FROM maintain_all_partitions()"))
                    .isSubsetOf("EXISTS", "CREATE");
            assertThat(Sql.value(owner, "SELECT count(*) FROM saga_executions")).isEqualTo("40");
        }
    }

    @Test
    void aSagaThatWasStartedAgainMeanwhileEndsTheCopy(Database database) throws SQLException {
        try (Connection owner = ownerOf(database)) {
            OldTables.SAGAS.create(owner);
            Sql.run(owner, OldRows.SAGAS);
            GUIDE.run(owner, "move");
            database.migrations().migrate();
            GUIDE.run(owner, "frame", "sagas", "partitions");
            Sql.run(
                    owner,
                    "INSERT INTO saga_idempotency_keys (saga_name, idempotency_key, saga_id, created_at)"
                            + " VALUES ('order', 'order-1', sagaz_uuid7(now()), date_trunc('milliseconds', now()))");
            List<String> before = everything(owner);

            assertThatThrownBy(() -> GUIDE.run(owner, "copy-sagas"))
                    .hasMessageContaining("saga_idempotency_keys_pkey")
                    .hasMessageContaining("(order, order-1)");

            assertThat(everything(owner)).isEqualTo(before);
        }
    }

    @Test
    void withoutPartitionsNothingIsCopied(Database database) throws SQLException {
        try (Connection owner = ownerOf(database)) {
            OldTables.SAGAS.create(owner);
            Sql.run(owner, OldRows.SAGAS);
            GUIDE.run(owner, "move");
            database.migrations().migrate();
            GUIDE.run(owner, "frame", "sagas");
            List<String> before = everything(owner);

            assertThatThrownBy(() -> GUIDE.run(owner, "copy-sagas")).hasMessageContaining("no partition of relation");

            assertThat(everything(owner)).isEqualTo(before);
        }
    }

    @Test
    void whatIsToBePublishedComesInItsOrderAndNothingElse(Database database) throws SQLException {
        try (Connection owner = ownerOf(database)) {
            OldTables.SAGAS.create(owner);
            OldTables.OUTBOX.create(owner);
            Sql.run(owner, OldRows.SAGAS + OldRows.EVENTS + OldRows.INBOX);

            adopt(database, owner, "sagas", "outbox");

            assertThat(counts(owner)).contains("events|6|6", "dead letters|0|0", "inbox|90|90");
            assertThat(Sql.rows(owner, GUIDE.block("left-out")))
                    .contains("events that were published|2", "inbox too old|10");
            String saga =
                    Sql.value(owner, "SELECT saga_id FROM saga_idempotency_keys WHERE idempotency_key = 'order-1'");
            assertThat(Sql.rows(
                            owner,
                            "SELECT payload ->> 'n', topic, event_type, coalesce(saga_id::text, '-'), partition_key"
                                    + " FROM saga_outbox ORDER BY seq"))
                    .containsExactly(
                            "16|late|late|-|old-finished",
                            "12|order.a|order.a|" + saga + "|ORD-1",
                            "11|order.a|order.a|" + saga + "|" + saga,
                            "13|order.b|order.b|" + saga + "|" + saga,
                            "14|lone|lone|-|unknown",
                            "15|order.c|order.c|" + saga + "|" + saga);
            assertThat(Sql.value(
                            owner,
                            "SELECT headers - 'sagaz_old_created_at' FROM saga_outbox WHERE payload ->> 'n' = '11'"))
                    .isEqualTo("{\"n\": \"7\", \"trace\": \"t\", \"sagaz_old_saga_id\": \"order-1\","
                            + " \"sagaz_old_event_id\": \"00000000-0000-4000-8000-000000000011\"}");
            assertThat(
                            Sql.rows(
                                    owner,
                                    "SELECT n.payload FROM saga_outbox n JOIN sagaz_old.saga_outbox o"
                                            + " ON o.event_id::text = n.headers ->> 'sagaz_old_event_id'"
                                            + " WHERE (n.headers ->> 'sagaz_old_created_at')::timestamptz <> o.created_at"
                                            + " OR n.headers ->> 'sagaz_old_created_at' NOT LIKE '%Z' OR n.payload <> o.payload"))
                    .isEmpty();
            assertThat(Sql.value(owner, "SELECT count(DISTINCT tableoid) FROM saga_outbox"))
                    .isEqualTo("1");
            afterwardsAllOfSagazWorks(database, "order-1");
        }
    }

    @Test
    void theInboxIsKnownToConsumers(Database database) throws SQLException {
        try (Connection owner = ownerOf(database);
                Connection app = appOf(database)) {
            OldTables.OUTBOX.create(owner);
            Sql.run(owner, OldRows.INBOX);

            adopt(database, owner, "outbox");

            assertThat(Sql.rows(
                            app,
                            "SELECT consumer_name, source_topic, event_type, payload, (now() - processed_at) BETWEEN"
                                    + " interval '3 days' AND interval '3 days 1 hour' FROM consumer_inbox"
                                    + " WHERE payload ->> 'n' = '3'"))
                    .containsExactly("billing|orders|order.a|{\"n\": 3}|t");
            assertThat(Sql.failure(
                            app,
                            "INSERT INTO consumer_inbox (consumer_name, event_id) SELECT consumer_name, event_id"
                                    + " FROM consumer_inbox LIMIT 1"))
                    .isEqualTo("23505");
        }
    }

    @Test
    void deadLettersBelongToTheRelayAndAreNotPublishedByIt(Database database) throws SQLException {
        try (Connection owner = ownerOf(database)) {
            OldTables.SAGAS.create(owner);
            OldTables.OUTBOX.create(owner);
            Sql.run(owner, OldRows.SAGAS + OldRows.EVENTS + OldRows.DEAD_EVENTS);
            GUIDE.run(owner, "move");
            database.migrations().migrate();
            GUIDE.run(owner, "frame", "sagas", "outbox");
            Sql.run(owner, "UPDATE sagaz_old.adopt_settings SET relay_name = 'orders'");

            copy(owner);

            assertThat(counts(owner)).contains("events|6|6", "dead letters|2|2");
            assertThat(Sql.rows(
                            owner,
                            "SELECT d.relay_name, o.payload ->> 'n', d.attempts, d.last_error, d.seq = o.seq, d.shard = o.shard"
                                    + " FROM saga_outbox_dead_letters d JOIN saga_outbox o USING (event_id, created_at)"
                                    + " ORDER BY d.seq"))
                    .containsExactly("orders|31|10|null|t|t", "orders|32|10|no such topic|t|t");
            assertThat(Sql.value(owner, "SELECT count(*) FROM saga_outbox_cursors WHERE relay_name = 'orders'"))
                    .isEqualTo("64");
            // What is beyond its cursors is what the relay will publish; in another cluster only low_seq holds.
            for (String beyond : List.of("NOT pg_visible_in_snapshot(o.tx_id, c.published)", "o.seq > c.low_seq")) {
                assertThat(Sql.rows(
                                owner,
                                "SELECT o.payload ->> 'n' FROM saga_outbox o JOIN saga_outbox_cursors c USING (shard)"
                                        + " WHERE " + beyond + " ORDER BY o.seq"))
                        .as(beyond)
                        .containsExactly("16", "12", "11", "13", "14", "15");
            }
            String partition = Sql.value(owner, "SELECT DISTINCT tableoid::regclass FROM saga_outbox");
            assertThat(Sql.rows(owner, "SELECT relay_name, events FROM sagaz_unpublished('%s')".formatted(partition)))
                    .containsExactly("orders|6");
            assertThat(Sql.rows(
                            owner,
                            "SELECT reason FROM sagaz_partition_needs('saga_outbox', '%s')".formatted(partition)))
                    .contains("2 dead letters");

            // Sent again or discarded, they do not come back.
            Sql.run(owner, "DELETE FROM saga_outbox_dead_letters");
            copy(owner);
            assertThat(Sql.value(owner, "SELECT count(*) FROM saga_outbox_dead_letters"))
                    .isEqualTo("0");
        }
    }

    @Test
    void deadLettersWithoutARelayAreRefused(Database database) throws SQLException {
        try (Connection owner = ownerOf(database)) {
            OldTables.OUTBOX.create(owner);
            Sql.run(owner, OldRows.DEAD_EVENTS);
            GUIDE.run(owner, "move");
            database.migrations().migrate();
            GUIDE.run(owner, "frame", "outbox");

            assertThatThrownBy(() -> GUIDE.run(owner, "copy-dead-letters"))
                    .hasMessageContaining("UPDATE sagaz_old.adopt_settings SET relay_name");
            assertThatThrownBy(() -> GUIDE.run(owner, "copy-events")).hasMessageContaining("Dead letters come first");
            assertThat(Sql.value(owner, "SELECT count(*) FROM saga_outbox")).isEqualTo("0");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "INSERT INTO saga_outbox (topic, payload) VALUES ('t', '{}')",
                "INSERT INTO saga_outbox_relays (relay_name) VALUES ('orders'); INSERT INTO saga_outbox_cursors (relay_name,"
                        + " shard, published) VALUES ('orders', 1, pg_current_snapshot())"
            })
    void deadLettersAreRefusedOnceTheOutboxIsInUse(String use, Database database) throws SQLException {
        try (Connection owner = ownerOf(database)) {
            OldTables.OUTBOX.create(owner);
            Sql.run(owner, OldRows.DEAD_EVENTS);
            GUIDE.run(owner, "move");
            database.migrations().migrate();
            GUIDE.run(owner, "frame", "outbox");
            Sql.run(owner, "UPDATE sagaz_old.adopt_settings SET relay_name = 'orders'");
            Sql.run(owner, use);
            List<String> before = everything(owner);

            assertThatThrownBy(() -> GUIDE.run(owner, "copy-dead-letters")).hasMessageContaining("in use already");
            assertThat(everything(owner)).isEqualTo(before);

            Sql.run(owner, "UPDATE sagaz_old.saga_outbox SET status = 'failed'");
            GUIDE.run(owner, "copy-dead-letters", "copy-events");
            assertThat(counts(owner)).contains("events|2|2", "dead letters|0|0");
        }
    }

    @Test
    void instancesOfTheJobComeOver(Database database) throws SQLException {
        try (Connection owner = ownerOf(database)) {
            OldTables.JOB.create(owner);
            OldTables.SAGAS.create(owner);
            Sql.run(owner, OldRows.SAGAS + OldRows.EVENTS);
            Sql.run(owner, """
                    INSERT INTO saga_instance (id, saga_type, status, state, created_at, updated_at, completed_at)
                    SELECT ('00000000-0000-4000-8000-00000000000' || n)::uuid, 'job', status, '{"s": 1}',
                        now() - n * interval '30 days', now() - interval '2 days',
                        CASE status WHEN 'completed' THEN now() - interval '5 days' END
                    FROM (VALUES (1, 'running'), (2, 'completed'), (3, 'failed'), (4, 'compensating')) i (n, status);
                    INSERT INTO saga_instance (id, saga_type, status) VALUES ('3f2504e0-4f89-41d3-9a0c-0305e82c3301', 'order',
                        'completed');""");

            adopt(database, owner, "sagas", "outbox");
            GUIDE.run(owner, "instances");
            copy(owner);
            List<String> once = everything(owner);
            copy(owner);

            assertThat(everything(owner)).isEqualTo(once);
            assertThat(Sql.rows(
                            owner,
                            "SELECT idempotency_key, status, context, (now() - completed_at) > interval '4 days'"
                                    + " FROM saga_executions WHERE saga_name = 'job' ORDER BY 1"))
                    .containsExactly(
                            "00000000-0000-4000-8000-000000000001|RUNNING|{\"s\": 1}|null",
                            "00000000-0000-4000-8000-000000000002|SUCCESS|{\"s\": 1}|t",
                            "00000000-0000-4000-8000-000000000003|FAILED|{\"s\": 1}|f",
                            "00000000-0000-4000-8000-000000000004|COMPENSATING|{\"s\": 1}|null");
            assertThat(Sql.rows(
                            owner,
                            "SELECT status FROM saga_executions"
                                    + " WHERE idempotency_key = '3f2504e0-4f89-41d3-9a0c-0305e82c3301'"))
                    .as("taken from sagas")
                    .containsExactly("PENDING");
            assertThat(Sql.value(owner, "SELECT count(*) FROM saga_executions")).isEqualTo("42");
            afterwardsAllOfSagazWorks(database, "00000000-0000-4000-8000-000000000002");
        }
    }

    @Test
    void theRepairedPartitionedSetComesOver(Database database) throws SQLException {
        try (Connection owner = ownerOf(database)) {
            OldTables.PARTITIONED.create(owner);
            Sql.run(owner, OldRows.SET);
            GUIDE.run(owner, "move");
            database.migrations().migrate();
            GUIDE.run(owner, "frame", "partitioned");
            Sql.run(owner, "UPDATE sagaz_old.adopt_settings SET relay_name = 'orders'");

            copy(owner);

            assertThat(counts(owner))
                    .contains(
                            "sagas SUCCESS|1|1",
                            "steps|6|6",
                            "audit entries, one more for each saga|16|16",
                            "events|4|4",
                            "dead letters|1|1",
                            "inbox|2|2");
            assertThat(Sql.rows(owner, GUIDE.block("left-out")))
                    .contains(
                            "sagas too old, finished|1",
                            "steps of no saga that was copied|2",
                            "audit entries of no saga that was copied|2",
                            "events that were published|1",
                            "inbox too old|2");
            String mine = "'00000000-0000-4000-8000-0000000000%'";
            assertThat(Sql.rows(
                            owner,
                            "SELECT right(k.idempotency_key, 2), e.status, e.context, e.result, e.error, e.idempotency_key ="
                                    + " k.idempotency_key, e.created_at = date_trunc('milliseconds', o.created_at AT TIME ZONE"
                                    + " 'UTC'), e.updated_at = o.updated_at AT TIME ZONE 'UTC', e.completed_at = coalesce("
                                    + "o.completed_at, o.updated_at) AT TIME ZONE 'UTC' FROM saga_executions e JOIN"
                                    + " saga_idempotency_keys k USING (saga_id) JOIN sagaz_old.saga_executions o ON"
                                    + " o.saga_id::text = k.idempotency_key WHERE k.idempotency_key LIKE " + mine
                                    + " ORDER BY 1"))
                    .containsExactly(
                            "11|PENDING|{}|null|null|t|t|t|null",
                            "12|RUNNING|{\"a\": 1}|null|null|t|t|t|null",
                            "13|SUCCESS|{}|{\"b\": 2}|null|f|t|t|t",
                            "14|FAILED|{}|null|boom|t|t|t|t",
                            "15|COMPENSATING|{}|null|null|f|t|t|null",
                            "16|COMPENSATED|{}|null|null|t|t|t|t");
            assertThat(Sql.rows(
                            owner,
                            "SELECT k.idempotency_key, right(a.old_id, 2), e.idempotency_key FROM saga_idempotency_keys k"
                                    + " JOIN sagaz_old.adopted_sagas a USING (saga_id) JOIN saga_executions e USING (saga_id)"
                                    + " WHERE k.idempotency_key LIKE 'key%' ORDER BY 1"))
                    .as("keys of their own; the older saga has the one that was given twice")
                    .containsExactly("key-1|13|key-1", "key-2|15|key-2");
            assertThat(Sql.rows(owner, """
                            SELECT right(a.old_id, 2), t.step_index, t.step_name, t.status, t.input, t.output, t.error,
                                t.retry_count, extract(epoch FROM t.started_at - MONTH)::int,
                                extract(epoch FROM t.completed_at - MONTH)::int
                            FROM saga_steps t JOIN sagaz_old.adopted_sagas a USING (saga_id, created_at) ORDER BY 1, 2""".replace("MONTH", OldRows.MONTH)))
                    .containsExactly(
                            "12|0|z|RUNNING|{\"in\": 1}|null|null|0|0|null",
                            "12|1|b|PENDING|{\"in\": 1}|null|null|0|0|null",
                            "12|2|a|COMPENSATING|{\"in\": 1}|null|null|0|0|null",
                            "13|0|z|SUCCESS|{\"in\": 1}|{\"out\": 1}|null|0|0|1",
                            "13|1|a|COMPENSATED|{\"in\": 1}|null|null|2|0|1",
                            "14|0|a|FAILED|{\"in\": 1}|null|boom|1|0|1");
            assertThat(Sql.rows(
                            owner,
                            "SELECT right(a.old_id, 2), l.event_data FROM saga_audit_log l JOIN sagaz_old.adopted_sagas a"
                                    + " USING (saga_id) JOIN sagaz_old.saga_audit_log o ON o.saga_id::text = a.old_id"
                                    + " AND o.event_data = l.event_data AND l.created_at = date_trunc('milliseconds',"
                                    + " o.created_at AT TIME ZONE 'UTC') WHERE l.event_type = 'OLD_ENTRY'"))
                    .hasSize(10);
            String saga = Sql.value(owner, "SELECT saga_id FROM sagaz_old.adopted_sagas WHERE old_id LIKE '%0013'");
            assertThat(Sql.rows(
                            owner,
                            "SELECT payload ->> 'n', topic, coalesce(saga_id::text, '-'), coalesce(partition_key, '-'),"
                                    + " event_type, headers ->> 'h' FROM saga_outbox ORDER BY seq"))
                    .as("in the order of their ids, not of their times; dead letters first")
                    .containsExactly(
                            "46|orders|-|00000000-0000-4000-8000-000000000099|null|null",
                            "41|orders|" + saga + "|" + saga + "|null|null",
                            "42|orders|" + saga + "|" + saga + "|null|1",
                            "43|orders|-|mine|null|null",
                            "44|orders|-|-|null|null");
            assertThat(Sql.rows(
                            owner,
                            "SELECT result, bool_and(abs(extract(epoch FROM n.processed_at - o.processed_at AT TIME ZONE 'UTC'))"
                                    + " < 1) FROM consumer_inbox n JOIN sagaz_old.consumer_inbox o USING (event_id, result)"
                                    + " GROUP BY 1"))
                    .containsExactly("{\"r\": 1}|t");
            afterwardsAllOfSagazWorks(database, "key-1");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            copy-sagas  | adopted_sagas_pkey  | INSERT INTO saga_executions SELECT saga_id, saga_name, status, context, result, error, created_at + interval '1 day' FROM saga_executions WHERE saga_id::text LIKE '%0013'
            copy-sagas  | saga_steps_y        | INSERT INTO saga_steps (saga_id, step_name, status) SELECT saga_id, step_name, status FROM saga_steps WHERE output IS NOT NULL
            copy-events | adopted_events_pkey | INSERT INTO saga_outbox (event_id, topic, payload, created_at) SELECT event_id, topic, payload, created_at - interval '2 hours' FROM saga_outbox WHERE partition_key = 'mine'
            """)
    void whatIsThereTwiceEndsTheCopyAndNothingIsCopied(String block, String constraint, String twice, Database database)
            throws SQLException {
        try (Connection owner = ownerOf(database)) {
            OldTables.PARTITIONED.create(owner);
            Sql.run(owner, OldRows.SET + "; DELETE FROM saga_outbox WHERE status = 'DEAD_LETTER'");
            Sql.run(owner, twice);
            GUIDE.run(owner, "move");
            database.migrations().migrate();
            GUIDE.run(owner, "frame", "partitioned", "partitions");
            List<String> before = everything(owner);

            assertThatThrownBy(() -> GUIDE.run(owner, block))
                    .hasMessageContaining("duplicate key")
                    .hasMessageContaining(constraint);

            assertThat(everything(owner)).isEqualTo(before);
        }
    }

    @Test
    void aZoneThatTheRepairHasAddedIsNotReadTwice(Database database) throws SQLException {
        try (Connection owner = ownerOf(database)) {
            OldTables.PARTITIONED.create(owner);
            Sql.run(
                    owner,
                    "ALTER TABLE saga_executions ALTER updated_at TYPE timestamptz USING updated_at AT TIME ZONE 'UTC'");
            GUIDE.run(owner, "move");
            database.migrations().migrate();
            GUIDE.run(owner, "frame");

            assertThatThrownBy(() -> GUIDE.run(owner, "partitioned"))
                    .hasMessageContaining("cannot change data type of view column \"updated_at\"");
        }
    }

    @Test
    void aSecondRunChangesNothing(Database database) throws SQLException {
        try (Connection owner = ownerOf(database)) {
            OldTables.SAGAS.create(owner);
            OldTables.OUTBOX.create(owner);
            Sql.run(owner, OldRows.SAGAS + OldRows.EVENTS + OldRows.DEAD_EVENTS + OldRows.INBOX);
            GUIDE.run(owner, "move");
            database.migrations().migrate();
            GUIDE.run(owner, "frame", "sagas", "outbox");
            Sql.run(owner, "UPDATE sagaz_old.adopt_settings SET relay_name = 'orders'");
            copy(owner);
            List<String> once = everything(owner);

            GUIDE.run(owner, "frame", "sagas", "outbox");
            copy(owner);
            copy(owner);

            assertThat(everything(owner)).isEqualTo(once);
            assertThat(counts(owner)).isNotEmpty();
        }
    }

    @Test
    void aSecondRunBringsWhatWasNotThereBefore(Database database) throws SQLException {
        try (Connection owner = ownerOf(database)) {
            OldTables.SAGAS.create(owner);
            OldTables.OUTBOX.create(owner);
            Sql.run(owner, OldRows.SAGAS + OldRows.EVENTS);
            adopt(database, owner, "sagas", "outbox");

            Sql.run(owner, """
                    INSERT INTO sagaz_old.sagas (saga_id, saga_name, status) VALUES ('late', 'order', 'executing');
                    INSERT INTO sagaz_old.saga_steps (saga_id, step_name, status) VALUES ('late', 'a', 'pending');
                    INSERT INTO sagaz_old.saga_outbox (event_id, saga_id, aggregate_id, event_type, payload)
                    VALUES ('00000000-0000-4000-8000-000000000099', 'late', 'late', 't', '{}');
                    """);
            copy(owner);

            assertThat(counts(owner)).contains("sagas RUNNING|3|3", "steps|10|10", "events|7|7");
            assertThat(Sql.value(owner, "SELECT count(*) FROM saga_outbox")).isEqualTo("7");
        }
    }

    @Test
    void ofTwoOperatorsAtOnceOneCopies(Database database) throws Exception {
        try (Connection owner = ownerOf(database)) {
            OldTables.SAGAS.create(owner);
            OldTables.OUTBOX.create(owner);
            Sql.run(owner, OldRows.SAGAS + OldRows.EVENTS + OldRows.DEAD_EVENTS + OldRows.INBOX);
            Sql.run(
                    owner,
                    "INSERT INTO sagas (saga_id, saga_name, status) SELECT n, 'many', 'completed'"
                            + " FROM generate_series(1, 2000) n");
            GUIDE.run(owner, "move");
            database.migrations().migrate();
            GUIDE.run(owner, "frame", "sagas", "outbox");
            Sql.run(owner, "UPDATE sagaz_old.adopt_settings SET relay_name = 'orders'");

            Sql.together(4, () -> {
                try (Connection another = ownerOf(database)) {
                    copy(another);
                }
                return true;
            });

            assertThat(counts(owner)).contains("idempotency keys|2038|2038", "events|6|6", "dead letters|2|2");
            assertThat(Sql.value(owner, "SELECT count(*) FROM saga_executions")).isEqualTo("2038");
            assertThat(Sql.value(owner, "SELECT count(*) FROM saga_outbox")).isEqualTo("8");
        }
    }

    @Test
    void aSchemaOfItsOwnIsFilledTheSameWay(Database database) throws SQLException {
        Guide guide = Guide.ofSchema("adoption.md", "sagaz");
        try (Connection owner = ownerOf(database)) {
            OldTables.PARTITIONED.create(owner);
            Sql.run(owner, OldRows.SET);
            List<String> before = ForeignObjectsIT.catalog(owner);
            SagazMigrations migrations =
                    SagazMigrations.of(database.config(Route.DIRECT).withSchema("sagaz"));
            migrations.migrate();

            GUIDE.run(owner, "move");
            guide.run(owner, "frame", "partitioned");
            Sql.run(owner, "UPDATE sagaz_old.adopt_settings SET relay_name = 'orders'");
            guide.run(owner, COPY.toArray(String[]::new));

            assertThat(Sql.rows(owner, guide.block("count")))
                    .contains("steps|6|6", "events|4|4", "dead letters|1|1", "inbox|2|2")
                    .allSatisfy(AdoptionIT::bothSidesAreEqual);
            migrations.check();
            guide.run(owner, "remove-sagaz", "move-back");
            Sql.run(owner, "DROP SCHEMA sagaz");
            assertThat(ForeignObjectsIT.catalog(owner)).containsExactlyElementsOf(before);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void itGoesBackToWhereItWas(boolean copied, Database database) throws SQLException {
        try (Connection owner = ownerOf(database)) {
            OldTables.PARTITIONED.create(owner);
            Sql.run(owner, "CREATE TABLE sagas (id int); CREATE TABLE theirs (id int)");
            Sql.run(owner, OldRows.SET);
            Sql.run(owner, "GRANT USAGE ON SCHEMA public TO sagaz_app, sagaz_reader");
            List<String> before = ForeignObjectsIT.catalog(owner);
            String rows = "SELECT saga_id, created_at, status FROM saga_executions ORDER BY 1, 2";
            List<String> rowsBefore = Sql.rows(owner, rows);
            GUIDE.run(owner, "move");
            database.migrations().migrate();
            if (copied) {
                GUIDE.run(owner, "frame", "partitioned");
                Sql.run(owner, "UPDATE sagaz_old.adopt_settings SET relay_name = 'orders'");
                copy(owner);
            }
            assertThatThrownBy(() -> GUIDE.run(owner, "move-back")).hasMessageContaining("already exists");
            Sql.run(owner, "CREATE TABLE saga_outbox_y2020m01d01 (LIKE saga_outbox INCLUDING ALL)");
            assertThatThrownBy(() -> GUIDE.run(owner, "remove-sagaz")).hasMessageContaining("saga_outbox_y2020m01d01");
            Sql.run(owner, "DROP TABLE saga_outbox_y2020m01d01");

            GUIDE.run(owner, "remove-sagaz", "move-back");

            assertThat(ForeignObjectsIT.catalog(owner)).containsExactlyElementsOf(before);
            assertThat(Sql.rows(owner, rows)).isEqualTo(rowsBefore);
        }
    }

    @Test
    void itCanBeDoneAgainAfterGoingBack(Database database) throws SQLException {
        try (Connection owner = ownerOf(database)) {
            OldTables.SAGAS.create(owner);
            Sql.run(owner, OldRows.SAGAS);
            adopt(database, owner, "sagas");
            GUIDE.run(owner, "remove-sagaz", "move-back");

            adopt(database, owner, "sagas");

            assertThat(counts(owner)).contains("idempotency keys|38|38");
        }
    }

    @Test
    void theTablesOfSagazItselfAreNotMoved(Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = ownerOf(database)) {
            List<String> before = ForeignObjectsIT.catalog(owner);

            assertThatThrownBy(() -> GUIDE.run(owner, "move")).hasMessageContaining("its own tables");

            assertThat(ForeignObjectsIT.catalog(owner)).containsExactlyElementsOf(before);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsMovedIsAllThatWasInTheWay(OldTables old, Database database) throws SQLException {
        try (Connection owner = ownerOf(database)) {
            Sql.run(owner, "CREATE TABLE theirs (id int)");
            old.create(owner);

            GUIDE.run(owner, "move", "move");

            assertThat(Sql.rows(owner, "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"))
                    .containsExactly("theirs");
            database.migrations().migrate();
        }
    }

    @Test
    void withoutTheOldTablesSagazGoesOn(Database database) throws SQLException {
        try (Connection owner = ownerOf(database)) {
            OldTables.SAGAS.create(owner);
            OldTables.JOB.create(owner);
            OldTables.SNAPSHOTS.create(owner);
            Sql.run(owner, OldRows.SAGAS + OldRows.EVENTS);
            adopt(database, owner, "sagas", "outbox");
            List<String> sagas = Sql.rows(owner, "SELECT e::text FROM saga_executions e ORDER BY 1");

            GUIDE.run(owner, "drop");

            assertThat(Sql.rows(owner, "SELECT e::text FROM saga_executions e ORDER BY 1"))
                    .isEqualTo(sagas);
            afterwardsAllOfSagazWorks(database, "order-1");
        }
    }

    @Test
    void everyBlockIsTriedHere() {
        assertThat(GUIDE.names())
                .containsExactly(
                        "move",
                        "frame",
                        "sagas",
                        "outbox",
                        "instances",
                        "partitioned",
                        "partitions",
                        "copy-sagas",
                        "copy-dead-letters",
                        "copy-events",
                        "copy-inbox",
                        "count",
                        "left-out",
                        "remove-sagaz",
                        "move-back",
                        "drop");
    }

    private static Connection ownerOf(Database database) throws SQLException {
        return inAnotherZone(database.owner());
    }

    private static Connection appOf(Database database) throws SQLException {
        return inAnotherZone(database.app());
    }

    private static Connection inAnotherZone(Connection connection) throws SQLException {
        Sql.run(connection, "SET timezone = 'Asia/Kathmandu'");
        return connection;
    }

    private static void adopt(Database database, Connection owner, String... shapes) throws SQLException {
        GUIDE.run(owner, "move");
        database.migrations().migrate();
        GUIDE.run(owner, "frame");
        GUIDE.run(owner, shapes);
        copy(owner);
    }

    private static void copy(Connection owner) throws SQLException {
        GUIDE.run(owner, COPY.toArray(String[]::new));
    }

    private static List<String> counts(Connection owner) throws SQLException {
        List<String> counts = Sql.rows(owner, GUIDE.block("count"));
        assertThat(counts).allSatisfy(AdoptionIT::bothSidesAreEqual);
        return counts;
    }

    private static void bothSidesAreEqual(String count) {
        String[] cells = count.split("\\|", -1);
        assertThat(cells[2]).as(count).isEqualTo(cells[1]);
    }

    /** All rows of Sagaz, and what the copy has noted. */
    private static List<String> everything(Connection owner) throws SQLException {
        List<String> all = new ArrayList<>();
        for (String table : List.of(
                "public.saga_executions",
                "public.saga_steps",
                "public.saga_idempotency_keys",
                "public.saga_audit_log",
                "public.saga_outbox",
                "public.saga_outbox_relays",
                "public.saga_outbox_cursors",
                "public.saga_outbox_parked",
                "public.saga_outbox_dead_letters",
                "public.consumer_inbox",
                "public.partition_metadata",
                "sagaz_old.adopted_sagas",
                "sagaz_old.adopted_events")) {
            all.addAll(Sql.rows(owner, "SELECT '" + table + "', t::text FROM " + table + " t ORDER BY 2"));
        }
        return all;
    }

    private static void afterwardsAllOfSagazWorks(Database database, String key) throws SQLException {
        database.migrations().check();
        try (Connection app = appOf(database);
                Connection reader = database.reader()) {
            assertThat(Sql.rows(app, "SELECT DISTINCT action FROM maintain_all_partitions()"))
                    .containsExactly("EXISTS");
            // What a store asks when it starts a saga.
            String start = "INSERT INTO saga_idempotency_keys (saga_name, idempotency_key, saga_id, created_at)"
                    + " SELECT saga_name, idempotency_key, sagaz_uuid7(now()), date_trunc('milliseconds', now())"
                    + " FROM saga_idempotency_keys WHERE idempotency_key = '%s' ON CONFLICT DO NOTHING RETURNING 1";
            assertThat(Sql.rows(app, start.formatted(key))).isEmpty();
            assertThat(Sql.rows(
                            app,
                            "UPDATE saga_executions e SET version = version + 1 FROM saga_idempotency_keys k"
                                    + " WHERE k.idempotency_key = '%s' AND e.saga_id = k.saga_id".formatted(key)
                                    + " AND e.created_at = k.created_at AND e.version = 1 RETURNING e.version"))
                    .containsExactly("2");
            assertThat(Sql.rows(reader, "SELECT partition_count > 0 FROM get_partition_statistics()"))
                    .containsOnly("t");
        }
    }
}
