package io.sagaz.migrations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagaz.migrations.Lab.Database;
import io.sagaz.migrations.Lab.Route;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the three roles may do, in a database that gives nobody anything beforehand. */
@Lab
class RolesIT {
    private static final String NO_RIGHT = "42501";

    @Test
    void everyObjectIsSpokenOf(Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner()) {
            assertThat(Sql.rows(
                            owner,
                            "SELECT oid::regclass FROM pg_class WHERE relnamespace = 'public'::regnamespace"
                                    + " AND relkind IN ('r', 'p', 'v', 'S') AND NOT relispartition"
                                    + " AND oid <> ALL (SELECT object_name::regclass FROM sagaz_rights()"
                                    + " WHERE object_kind IN ('TABLE', 'SEQUENCE'))"))
                    .as("relations that no role has a right to")
                    .isEmpty();
            assertThat(Sql.rows(
                            owner,
                            "SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
                                    + " AND oid <> ALL (SELECT object_name::regprocedure FROM sagaz_rights()"
                                    + " WHERE object_kind = 'FUNCTION') ORDER BY 1"))
                    .as("functions that are only for the owner")
                    .containsExactlyInAnyOrder(
                            "grant_sagaz_reader(text)",
                            "grant_sagaz_writer(text)",
                            "sagaz_complete_event()",
                            "sagaz_complete_execution()",
                            "sagaz_create_missing(timestamp with time zone)",
                            "sagaz_detach_partition(text,text,boolean)",
                            "sagaz_ensure_partition(text,text,date,text)",
                            "sagaz_finish_retirement(text,timestamp with time zone)",
                            "sagaz_forget_retirements()",
                            "sagaz_grant(text,text)",
                            "sagaz_end_detaching(text,text)",
                            "sagaz_maintain(timestamp with time zone)",
                            "sagaz_note_time(timestamp with time zone)",
                            "sagaz_retire_partition(text,text)",
                            "sagaz_unpublished(text)");
        }
    }

    @Test
    void nobodyElseHasAnyRight(Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection superuser = database.superuser()) {
            Sql.run(superuser, "GRANT CONNECT ON DATABASE " + database.test().name() + " TO sagaz_replicator");
            assertThat(Sql.rows(superuser, "SELECT DISTINCT kind FROM sagaz_rights()"))
                    .containsExactlyInAnyOrder("READER", "WRITER");
            assertThat(Sql.value(superuser, "SELECT count(*) FROM sagaz_lacking_rights('READER', 'sagaz_replicator')"))
                    .isEqualTo(Sql.value(superuser, "SELECT count(*) FROM sagaz_rights() WHERE kind = 'READER'"));
        }
    }

    @Test
    void whatRunsWithTheOwnersRightsCannotBeMisled(Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection superuser = database.superuser()) {
            assertThat(Sql.rows(
                            superuser,
                            "SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef"
                                    + " AND NOT coalesce('search_path=pg_catalog, pg_temp' = ANY (proconfig), false)"))
                    .isEmpty();
            assertThat(Sql.rows(
                            superuser,
                            "SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef"
                                    + " AND has_function_privilege('sagaz_replicator', oid, 'EXECUTE')"))
                    .as("what everybody may run with the owner's rights")
                    .isEmpty();
        }
    }

    @Test
    void theWriterWritesAndMaintainsButOwnsNothing(Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner();
                Connection app = database.app()) {
            Rows.saga(owner, Rows.monthsAgo(owner, 20), "SUCCESS");
            for (String may : List.of(
                    "INSERT INTO saga_executions (saga_name, status) VALUES ('a', 'RUNNING')",
                    "UPDATE saga_executions SET version = version + 1",
                    "INSERT INTO saga_outbox (topic, payload) VALUES ('t', '{}')",
                    "INSERT INTO saga_outbox_relays (relay_name) VALUES ('r')",
                    "INSERT INTO saga_outbox_cursors (relay_name, shard, published) VALUES ('r', 1, pg_current_snapshot())",
                    "DELETE FROM saga_outbox_relays",
                    "INSERT INTO consumer_inbox (consumer_name, event_id) VALUES ('c', gen_random_uuid())",
                    "SELECT cleanup_consumer_inbox()",
                    "SELECT sagaz_forget_idempotency_keys(10, '-infinity')",
                    "SELECT sagaz_forget_inbox_rows(10, '-infinity')",
                    "SELECT * FROM create_missing_partitions()",
                    "SELECT create_saga_executions_partition('2031-01-01')",
                    "SELECT * FROM sagaz_partition_needs('saga_executions', 'saga_executions_y2031m01')",
                    "SELECT * FROM maintain_all_partitions()",
                    "SELECT * FROM get_partition_statistics()")) {
                assertThat(Sql.failure(app, may)).as(may).isEqualTo("(none)");
            }
            for (String mayNot : List.of(
                    "DELETE FROM saga_executions",
                    "UPDATE saga_outbox SET topic = 'x'",
                    "DELETE FROM saga_outbox",
                    "UPDATE saga_audit_log SET actor = 'x'",
                    "DELETE FROM saga_audit_log",
                    "TRUNCATE saga_executions",
                    "UPDATE partition_settings SET retention = '1 day'",
                    "DELETE FROM partition_retirements",
                    "UPDATE partition_clock SET seen_at = now()",
                    "SELECT sagaz_note_time(now())",
                    "INSERT INTO partition_retirements (table_name, partition_name, partition_start, partition_end)"
                            + " VALUES ('saga_outbox', 'x', now(), now())",
                    "SELECT * FROM sagaz_maintain(now() + interval '10 years')",
                    "SELECT * FROM sagaz_create_missing(now() + interval '10 years')",
                    "SELECT * FROM sagaz_finish_retirement('saga_executions_y2031m01', now())",
                    "SELECT sagaz_detach_partition('saga_executions', 'saga_executions_y2031m01', true)",
                    "SELECT grant_sagaz_writer('sagaz_reader')",
                    "CREATE TABLE mine (id int)",
                    "DROP TABLE saga_executions_y2031m01",
                    "DELETE FROM sagaz_schema_history")) {
                assertThat(Sql.failure(app, mayNot)).as(mayNot).isEqualTo(NO_RIGHT);
            }
        }
    }

    @Test
    void theReaderReadsEverythingAndChangesNothing(Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection reader = database.reader()) {
            for (String table : Sql.rows(
                    reader,
                    "SELECT DISTINCT object_name FROM sagaz_rights() WHERE kind = 'READER' AND object_kind = 'TABLE'")) {
                assertThat(Sql.failure(reader, "SELECT * FROM " + table))
                        .as(table)
                        .isEqualTo("(none)");
                assertThat(Sql.failure(reader, "DELETE FROM " + table))
                        .as(table)
                        .isIn(NO_RIGHT, "55000");
            }
            assertThat(Sql.rows(reader, "SELECT * FROM get_partition_statistics()"))
                    .hasSize(4);
            assertThat(Sql.failure(reader, "SELECT * FROM maintain_all_partitions()"))
                    .isEqualTo(NO_RIGHT);
        }
    }

    @Test
    void rightsThatWereTakenAwayAreFoundAndGivenAgain(Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner();
                Connection app = database.app()) {
            Sql.run(owner, "REVOKE INSERT ON saga_outbox FROM sagaz_app");
            assertThatThrownBy(database.migrations()::check)
                    .isInstanceOf(MigrationException.class)
                    .hasMessageContaining("sagaz_app")
                    .hasMessageContaining("grant_sagaz_writer");
            MigrationConfig asWriter =
                    database.config(Route.DIRECT, database.test().app()).withWriter("sagaz_app");
            assertThatThrownBy(SagazMigrations.of(asWriter)::migrate)
                    .isInstanceOf(MigrationException.class)
                    .hasMessageContaining("rights of a writer")
                    .hasMessageContaining("42501");

            database.migrations().migrate();

            assertThat(Sql.failure(app, "INSERT INTO saga_outbox (topic, payload) VALUES ('t', '{}')"))
                    .isEqualTo("(none)");
            SagazMigrations.of(asWriter).check();
        }
    }

    @Test
    void aRoleThatDoesNotExistIsNamed(Database database) {
        MigrationConfig config = database.config(Route.DIRECT).withReader("nobody_we_know");

        assertThatThrownBy(SagazMigrations.of(config)::migrate)
                .isInstanceOf(MigrationException.class)
                .hasMessageContaining("nobody_we_know")
                .hasMessageContaining("does not exist");
    }

    @Test
    void aRoleWithAnOddNameGetsItsRightsToo(Database database) throws SQLException {
        String odd = "Odd \"role\"; DROP TABLE saga_outbox; --";
        try (Connection superuser = database.superuser()) {
            Sql.run(superuser, "CREATE ROLE \"" + odd.replace("\"", "\"\"") + "\"");
            try {
                SagazMigrations.of(database.config(Route.DIRECT).withWriter(odd))
                        .migrate();
                assertThat(Sql.value(superuser, "SELECT has_table_privilege('" + odd + "', 'saga_outbox', 'INSERT')"))
                        .isEqualTo("t");
            } finally {
                Sql.run(superuser, "DROP OWNED BY \"" + odd.replace("\"", "\"\"") + "\"");
                Sql.run(superuser, "DROP ROLE \"" + odd.replace("\"", "\"\"") + "\"");
            }
        }
    }

    @Test
    void manyInstancesMayGrantAtOnce(Database database) throws Exception {
        SagazMigrations.of(database.config(Route.DIRECT, database.test().owner()))
                .migrate();

        assertThat(Sql.together(8, () -> database.migrations().migrate().applied()))
                .containsOnly(0);
        database.migrations().check();
    }
}
