package io.sagaz.migrations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagaz.migrations.Lab.Database;
import io.sagaz.migrations.Lab.Route;
import io.sagaz.migrations.internal.schema.Scripts;
import io.sagaz.testkit.Await;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A migration that fails leaves the database as it was, and says what to do; when the cause is gone, it can be tried again. */
@Lab
class FailedMigrationIT {
    @ParameterizedTest
    @CsvSource({"DIRECT, public", "POOLED, public", "DIRECT, made_by_it", "POOLED, made_by_it"})
    void nothingIsLeftBehind(Route route, String schema, Database database) throws SQLException {
        SagazMigrations migrations = SagazMigrations.of(database.config(route).withSchema(schema));
        try (Connection superuser = database.superuser()) {
            // Nearly at the end: all the tables are there by then.
            Sql.run(
                    superuser,
                    "CREATE FUNCTION pg_temp_refuse() RETURNS event_trigger LANGUAGE plpgsql AS"
                            + " $$ BEGIN IF current_query() LIKE '%get_partition_statistics%' THEN"
                            + " RAISE EXCEPTION 'not today' USING ERRCODE = 'disk_full'; END IF; END $$");
            Sql.run(
                    superuser,
                    "CREATE EVENT TRIGGER refuse ON ddl_command_end WHEN TAG IN ('CREATE FUNCTION')"
                            + " EXECUTE FUNCTION pg_temp_refuse()");
            List<String> before = catalog(superuser);

            for (int attempt = 0; attempt < 2; attempt++) {
                assertThatThrownBy(migrations::migrate)
                        .isInstanceOfSatisfying(
                                MigrationException.class,
                                e -> assertThat(e.sqlState()).hasValue("53100"))
                        .hasMessageContaining("schema " + schema)
                        .hasMessageContaining("not today")
                        .hasMessageContaining("nothing of it was changed")
                        .hasMessageContaining("tried again");
                assertThat(catalog(superuser)).isEqualTo(before);
            }

            Sql.run(superuser, "DROP EVENT TRIGGER refuse");
            assertThat(migrations.migrate().applied()).isEqualTo(Scripts.NAMES.size());
        }
    }

    @ParameterizedTest
    @EnumSource
    void oneThatIsCutOffLeavesNothingBehindEither(Route route, Database database) throws Exception {
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try (Connection superuser = database.superuser();
                Connection lock = database.superuser()) {
            lock.setAutoCommit(false);
            Sql.run(lock, "SELECT pg_advisory_xact_lock(4711)");
            Sql.run(
                    superuser,
                    "CREATE FUNCTION hold() RETURNS event_trigger LANGUAGE plpgsql AS"
                            + " $$ BEGIN PERFORM pg_advisory_xact_lock(4711); END $$");
            Sql.run(
                    superuser,
                    "CREATE EVENT TRIGGER hold ON ddl_command_end WHEN TAG IN ('CREATE SEQUENCE')"
                            + " EXECUTE FUNCTION hold()");
            List<String> before = catalog(superuser);
            Future<MigrationReport> migrating = executor.submit(
                    () -> SagazMigrations.of(database.config(route)).migrate());
            String held = "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                    + " AND wait_event_type = 'Lock' AND usename = 'sagaz_owner'";
            Await.until(
                    "the migration is in its middle",
                    () -> !Sql.rows(superuser, held).isEmpty());
            Sql.run(superuser, "SELECT pg_terminate_backend(pid) FROM (" + held + ") h");

            assertThatThrownBy(migrating::get)
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(MigrationException.class);
            assertThat(catalog(superuser)).isEqualTo(before);
            lock.rollback();
            assertThat(SagazMigrations.of(database.config(route)).migrate().applied())
                    .isEqualTo(Scripts.NAMES.size());
        } finally {
            executor.shutdownNow();
        }
    }

    private static List<String> catalog(Connection connection) throws SQLException {
        List<String> all = new ArrayList<>();
        all.addAll(Sql.rows(connection, "SELECT nspname, nspacl FROM pg_namespace WHERE nspname !~ '^pg_' ORDER BY 1"));
        all.addAll(Sql.rows(
                connection,
                "SELECT oid, relname, relacl FROM pg_class WHERE relnamespace::regnamespace::text !~ '^(pg_|information)'"
                        + " ORDER BY 1"));
        all.addAll(Sql.rows(
                connection,
                "SELECT oid, proname, proacl FROM pg_proc WHERE pronamespace::regnamespace::text !~ '^(pg_|information)'"
                        + " ORDER BY 1"));
        return all;
    }
}
