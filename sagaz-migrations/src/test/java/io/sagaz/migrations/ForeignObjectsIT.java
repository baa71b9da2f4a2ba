package io.sagaz.migrations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagaz.migrations.Lab.Database;
import io.sagaz.migrations.Lab.Route;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** A database that holds what others have made. */
@Lab
class ForeignObjectsIT {
    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "SNAPSHOTS")
    void oldTablesAreNamedAndNothingChanges(OldTables old, Database database) throws SQLException {
        try (Connection owner = database.owner()) {
            old.create(owner);
            List<String> before = catalog(owner);

            for (Route route : Route.values()) {
                assertThatThrownBy(SagazMigrations.of(database.config(route))::migrate)
                        .isExactlyInstanceOf(MigrationException.class)
                        .hasMessageContaining("In schema public at jdbc:postgresql:")
                        .hasMessageContaining(": " + old.inTheWay() + ". Nothing was changed. ")
                        .hasMessageContaining("MigrationConfig.withSchema")
                        .hasMessageContaining("RoutingSagaStore.Builder.schema")
                        .hasMessageContaining("docs/adoption.md");
                assertThat(catalog(owner)).containsExactlyElementsOf(before);
            }
        }
    }

    @Test
    void theGuideQuotesTheRefusal(Database database) throws SQLException {
        try (Connection owner = database.owner()) {
            OldTables.SAGAS.create(owner);
            OldTables.OUTBOX.create(owner);
        }
        String guide = Guide.read("adoption.md").text().replace("\n> ", " ");

        assertThatThrownBy(database.migrations()::migrate).satisfies(refusal -> {
            String message = String.valueOf(refusal.getMessage());
            assertThat(guide)
                    .contains(message.substring(message.indexOf("somebody"), message.indexOf(" Give Sagaz")) + " …");
        });
    }

    @ParameterizedTest
    @EnumSource
    void aSchemaOfItsOwnLeavesOldTablesUntouched(OldTables old, Database database) throws SQLException {
        try (Connection owner = database.owner()) {
            old.create(owner);
            List<String> before = catalog(owner);

            for (Route route : Route.values()) {
                SagazMigrations migrations =
                        SagazMigrations.of(database.config(route).withSchema("sagaz"));
                migrations.migrate();
                migrations.check();
            }

            assertThat(catalog(owner, "sagaz")).containsExactlyElementsOf(before);
            assertThat(Sql.rows(owner, "SELECT DISTINCT action FROM sagaz.maintain_all_partitions()"))
                    .containsExactly("EXISTS");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            view saga_executions                         | CREATE VIEW saga_executions AS SELECT 1 AS id
            materialized view partition_metadata         | CREATE MATERIALIZED VIEW partition_metadata AS SELECT 1 AS id
            sequence saga_outbox_seq                     | CREATE SEQUENCE saga_outbox_seq
            function maintain_all_partitions()           | CREATE FUNCTION maintain_all_partitions() RETURNS int LANGUAGE sql AS 'SELECT 1'
            function cleanup_consumer_inbox(a text)      | CREATE FUNCTION cleanup_consumer_inbox(a text) RETURNS int LANGUAGE sql AS 'SELECT 1'
            procedure grant_sagaz_writer(IN a text)      | CREATE PROCEDURE grant_sagaz_writer(a text) LANGUAGE sql AS 'SELECT 1'
            index saga_outbox_seq_idx                    | CREATE TABLE theirs (id int); CREATE INDEX saga_outbox_seq_idx ON theirs (id)
            index consumer_inbox_pkey                    | CREATE TABLE theirs (id int, CONSTRAINT consumer_inbox_pkey PRIMARY KEY (id))
            type saga_audit_log                          | CREATE TYPE saga_audit_log AS ENUM ('a')
            composite type saga_steps                    | CREATE TYPE saga_steps AS (id int)
            table saga_outbox_y2031m05d06                | CREATE TABLE saga_outbox_y2031m05d06 (id int)
            table saga_steps_y2031m05                    | CREATE TABLE saga_steps_y2031m05 (id int)
            """)
    void anythingWithANameThatSagazUsesIsNamedAndNothingChanges(String object, String ddl, Database database)
            throws SQLException {
        try (Connection owner = database.owner()) {
            Sql.run(owner, ddl);
            List<String> before = catalog(owner);

            for (Route route : Route.values()) {
                assertThatThrownBy(SagazMigrations.of(database.config(route))::migrate)
                        .isExactlyInstanceOf(MigrationException.class)
                        .hasMessageContaining(": " + object + ". Nothing was changed. ");
                assertThat(catalog(owner)).containsExactlyElementsOf(before);
            }
            SagazMigrations.of(database.config(Route.DIRECT).withSchema("sagaz"))
                    .migrate();
            assertThat(catalog(owner, "sagaz")).containsExactlyElementsOf(before);
        }
    }

    @Test
    void noNameThatSagazUsesIsOverlooked(Database database) throws SQLException {
        SagazMigrations.of(database.config(Route.DIRECT).withSchema("model")).migrate();
        try (Connection owner = database.owner()) {
            List<String> expected = new ArrayList<>();
            for (String name : Sql.rows(
                    owner,
                    "SELECT relname FROM pg_class WHERE relnamespace = 'model'::regnamespace"
                            + " AND relname !~ '_y[0-9]{4}m' AND relname !~ '^sagaz_schema_history' ORDER BY 1")) {
                Sql.run(owner, "CREATE VIEW " + name + " AS SELECT 1 AS id");
                expected.add("view " + name);
            }
            for (String name : Sql.rows(
                    owner, "SELECT DISTINCT proname FROM pg_proc WHERE pronamespace = 'model'::regnamespace")) {
                Sql.run(owner, "CREATE FUNCTION " + name + "() RETURNS int LANGUAGE sql AS 'SELECT 1'");
                expected.add("function " + name + "()");
            }
            assertThat(expected).hasSizeGreaterThan(60);

            assertThatThrownBy(database.migrations()::migrate).satisfies(refusal -> {
                String message = String.valueOf(refusal.getMessage());
                String named = message.substring(message.indexOf("make: ") + 6, message.indexOf(". Nothing"));
                assertThat(named.split(", ")).containsExactlyInAnyOrderElementsOf(expected);
            });
        }
    }

    @Test
    void partitionsLeftBehindByTheirTableAreNamed(Database database) throws SQLException {
        try (Connection owner = database.owner()) {
            OldTables.PARTITIONED.create(owner);
            Sql.run(owner, "CREATE SCHEMA away");
            for (String table : List.of(
                    "saga_executions",
                    "saga_outbox",
                    "saga_audit_log",
                    "saga_steps",
                    "consumer_inbox",
                    "partition_metadata")) {
                Sql.run(owner, "ALTER TABLE " + table + " SET SCHEMA away");
            }

            assertThatThrownBy(database.migrations()::migrate)
                    .hasMessageContaining("table saga_outbox_y")
                    .hasMessageContaining("table saga_executions_y")
                    .hasMessageContaining("table saga_audit_log_y");
        }
    }

    @Test
    void unrelatedTablesAreNoObstacleAndAreLeftAlone(Database database) throws SQLException {
        try (Connection owner = database.owner()) {
            OldTables.SNAPSHOTS.create(owner);
            Sql.run(
                    owner,
                    "CREATE TABLE sagas (id int PRIMARY KEY); CREATE TABLE saga_instance (id int PRIMARY KEY);"
                            + " CREATE TABLE saga_outbox_archive (id int); CREATE VIEW saga_outbox_year AS SELECT 1 AS id;"
                            + " CREATE TYPE saga_status AS ENUM ('a'); INSERT INTO sagas VALUES (1)");
            String theirs = "SELECT oid, relname, relfilenode, relowner, relacl FROM pg_class WHERE oid = ANY ('%s')"
                    .formatted(Sql.value(
                            owner, "SELECT array_agg(oid) FROM pg_class WHERE relnamespace = 'public'::regnamespace"));
            List<String> before = Sql.rows(owner, theirs);

            database.migrations().migrate();
            database.migrations().check();

            assertThat(Sql.rows(owner, theirs)).isEqualTo(before).hasSizeGreaterThan(8);
            assertThat(Sql.rows(owner, "SELECT id FROM sagas")).containsExactly("1");
        }
    }

    @Test
    void objectsOfAnotherRoleAreFoundToo(Database database) throws SQLException {
        try (Connection superuser = database.superuser()) {
            Sql.run(superuser, "CREATE TABLE saga_steps (id int)");
        }

        assertThatThrownBy(database.migrations()::migrate).hasMessageContaining(": table saga_steps. Nothing");
    }

    @Test
    void aLostHistoryIsNotTakenForAnEmptySchema(Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner()) {
            Sql.run(owner, "DROP TABLE sagaz_schema_history");
            List<String> before = catalog(owner);

            assertThatThrownBy(database.migrations()::migrate)
                    .hasMessageContaining("partitioned table saga_executions with 5 partitions")
                    .hasMessageContaining("sagaz_schema_history is lost: restore it");
            assertThat(catalog(owner)).containsExactlyElementsOf(before);
        }
    }

    /** All that is in the database, apart from some schemas. */
    static List<String> catalog(Connection connection, String... without) throws SQLException {
        String others = "(SELECT oid FROM pg_namespace WHERE nspname <> ALL ('{" + String.join(",", without)
                + "}') AND nspname <> 'pg_toast')";
        List<String> all = new ArrayList<>();
        all.addAll(Sql.rows(
                connection,
                "SELECT oid, nspname, nspowner, nspacl FROM pg_namespace WHERE oid IN " + others + " ORDER BY 1"));
        all.addAll(Sql.rows(
                connection,
                "SELECT oid, relnamespace, relname, relkind, relowner, relfilenode, relacl, reloptions FROM pg_class"
                        + " WHERE relnamespace IN " + others + " ORDER BY 1"));
        all.addAll(Sql.rows(
                connection,
                "SELECT attrelid, attnum, attname, atttypid, attnotnull FROM pg_attribute a JOIN pg_class c"
                        + " ON c.oid = attrelid WHERE relnamespace IN " + others + " ORDER BY 1, 2"));
        all.addAll(Sql.rows(
                connection,
                "SELECT oid, pronamespace, proname, proowner, proacl, prosrc FROM pg_proc WHERE pronamespace IN "
                        + others + " ORDER BY 1"));
        return all;
    }
}
