package io.sagaz.migrations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagaz.migrations.Lab.Database;
import io.sagaz.migrations.SchemaStatus.Fit;
import io.sagaz.migrations.internal.schema.Scripts;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

@Lab
class CheckIT {
    @Test
    void anEmptyDatabaseIsOutOfDateAndStaysEmpty(Database database) throws SQLException {
        assertThatThrownBy(database.migrations()::check)
                .isInstanceOf(SchemaOutOfDate.class)
                .hasMessageContaining("missing")
                .hasMessageContaining("migrate()");
        SchemaStatus status = database.migrations().status();
        assertThat(status.fit()).isEqualTo(Fit.MISSING);
        assertThat(status.isUsable()).isFalse();
        try (Connection owner = database.owner()) {
            assertThat(Sql.rows(owner, "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"))
                    .isEmpty();
        }
    }

    @Test
    void aCurrentSchemaIsFineForTheApplicationToo(Database database) {
        database.migrations().migrate();

        database.migrations().check();
        assertThat(database.migrations().status().fit()).isEqualTo(Fit.CURRENT);
        SagazMigrations.of(MigrationConfig.of(
                        database.direct(), "sagaz_app", database.test().app().password()))
                .check();
    }

    @Test
    void aReplicaCanBeCheckedByAReader(Database database) {
        database.migrations().migrate();
        database.test().awaitReplicas(Duration.ofSeconds(30));

        SagazMigrations.of(MigrationConfig.of(
                        database.test().roUrl(),
                        "sagaz_reader",
                        database.test().reader().password()))
                .check();
    }

    @Test
    void theApplicationMayStartAgainAndMakeAMissingPartition(Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner()) {
            Sql.run(owner, "UPDATE partition_settings SET ahead = 8 WHERE table_name = 'saga_outbox'");
        }

        MigrationReport report = SagazMigrations.of(MigrationConfig.of(
                        database.pooled(), "sagaz_app", database.test().app().password()))
                .migrate();

        assertThat(report.applied()).isZero();
        assertThat(report.partitions())
                .filteredOn(partition -> partition.kind() == PartitionAction.Kind.CREATE)
                .singleElement()
                .satisfies(partition -> assertThat(partition.table()).isEqualTo("saga_outbox"));
    }

    @Test
    void anOlderSchemaIsOutOfDate(Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner()) {
            Sql.run(owner, "DELETE FROM sagaz_schema_history WHERE version = '" + Scripts.LATEST + "'");
        }

        assertThatThrownBy(database.migrations()::check)
                .isInstanceOf(SchemaOutOfDate.class)
                .hasMessageContaining("needs version " + Scripts.LATEST);
        assertThat(database.migrations().status().fit()).isEqualTo(Fit.BEHIND);
    }

    @Test
    void aNewerSchemaOfTheSameMajorIsFine(Database database) throws SQLException {
        database.migrations().migrate();
        record(database, "1.999");

        database.migrations().check();
        assertThat(database.migrations().migrate().schemaVersion()).isEqualTo("1.999");
        assertThat(database.migrations().status())
                .isEqualTo(new SchemaStatus(Fit.NEWER, Optional.of("1.999"), Scripts.LATEST.getVersion()));
    }

    @Test
    void aNewerMajorIsRefused(Database database) throws SQLException {
        database.migrations().migrate();
        record(database, "2.1");

        assertThatThrownBy(database.migrations()::check)
                .isInstanceOf(SchemaOutOfDate.class)
                .hasMessageContaining("newer library");
        assertThatThrownBy(database.migrations()::migrate).isInstanceOf(SchemaOutOfDate.class);
        assertThat(database.migrations().status().fit()).isEqualTo(Fit.TOO_NEW);
    }

    @Test
    void aMissingPartitionThatIsNeededIsNamed(Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner()) {
            String farAhead = Sql.value(
                    owner,
                    "SELECT max(partition_name) FROM sagaz_partition_plan()" + " WHERE table_name = 'saga_outbox'");
            Sql.run(owner, "DROP TABLE " + farAhead);
            database.migrations().check();

            String current = Sql.value(
                    owner,
                    "SELECT min(partition_name) FROM sagaz_partition_plan()"
                            + " WHERE table_name = 'saga_outbox' AND needed");
            Sql.run(owner, "DROP TABLE " + current);
            assertThatThrownBy(database.migrations()::check)
                    .isInstanceOf(SchemaOutOfDate.class)
                    .hasMessageContaining(current)
                    .hasMessageContaining("maintain_all_partitions");
        }
    }

    private static void record(Database database, String version) throws SQLException {
        try (Connection owner = database.owner()) {
            Sql.run(
                    owner,
                    "INSERT INTO sagaz_schema_history (installed_rank, version, description, type, script,"
                            + " checksum, installed_by, execution_time, success)"
                            + " SELECT max(installed_rank) + 1, '" + version
                            + "', 'of the future', 'SQL', 'V.sql', 1, 'x', 1, true"
                            + " FROM sagaz_schema_history");
        }
    }
}
