package io.sagaz.migrations;

import static io.sagaz.migrations.PartitionAction.Kind.CREATE;
import static io.sagaz.migrations.PartitionAction.Kind.DROP;
import static io.sagaz.migrations.PartitionAction.Kind.EXISTS;
import static io.sagaz.migrations.PartitionAction.Kind.FAIL;
import static io.sagaz.migrations.PartitionAction.Kind.KEEP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.sagaz.migrations.Lab.Database;
import io.sagaz.migrations.Lab.Route;
import io.sagaz.migrations.RetentionIT.Way;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.Period;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is done about partitions because somebody asks for it, and not because it is time. */
@Lab
class CleanUpIT {
    @Test
    void whatIsOlderAndNotNeededGoesAndWhatHasOnlyExpiredStays(Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner()) {
            Rows.relay(owner, "kafka");
            Rows.saga(owner, Rows.monthsAgo(owner, 30), "SUCCESS");
            Rows.saga(owner, Rows.monthsAgo(owner, 28), "RUNNING");
            Rows.saga(owner, Rows.monthsAgo(owner, 18), "SUCCESS");
            Rows.event(owner, Rows.monthsAgo(owner, 30));
            Rows.publishAll(owner, "kafka");
            PartitionMaintenance maintenance = database.maintenance(Route.DIRECT);
            List<String> before = partitions(owner);

            MaintenanceReport foretold = maintenance.dryRunOfCleanUp(Period.ofMonths(24), Set.of("saga_executions"));

            assertThat(partitions(owner)).isEqualTo(before);
            MaintenanceReport done = maintenance.cleanUp(Period.ofMonths(24), Set.of("saga_executions"));
            assertThat(done.actions())
                    .extracting(PartitionAction::kind, PartitionAction::partition)
                    .containsExactlyElementsOf(foretold.actions().stream()
                            .map(action -> tuple(action.kind(), action.partition()))
                            .toList());
            assertThat(done.of(DROP))
                    .extracting(PartitionAction::table)
                    .containsExactly("saga_executions", "saga_steps");
            assertThat(done.of(KEEP))
                    .extracting(PartitionAction::table)
                    .containsExactlyInAnyOrder("saga_executions", "saga_steps");
            assertThat(partitions(owner)).hasSize(before.size() - 2);

            assertThat(maintenance.cleanUp(Period.ofMonths(24), Set.of()).of(DROP))
                    .extracting(PartitionAction::table)
                    .containsExactly("saga_outbox");
        }
    }

    @Test
    void moreThanTheSettingsAllowIsRefusedAndChangesNothing(Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner()) {
            Rows.saga(owner, Rows.monthsAgo(owner, 8), "SUCCESS");
            List<String> before = partitions(owner);

            assertThatThrownBy(() ->
                            database.maintenance(Route.DIRECT).cleanUp(Period.ofMonths(6), Set.of("saga_executions")))
                    .isInstanceOf(MigrationException.class)
                    .hasMessageContaining("Rows of saga_executions are kept for P12M")
                    .hasMessageContaining("UPDATE partition_settings");

            assertThat(partitions(owner)).isEqualTo(before);
            assertThat(database.maintenance(Route.DIRECT)
                            .cleanUp(Period.ofMonths(6), Set.of("saga_outbox"))
                            .actions())
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"OWNER_POOLED", "WRITER_DIRECT"})
    void onlyTheOwnerOnADirectConnectionTakesAway(Way way, Database database) {
        database.migrations().migrate();
        assertThatThrownBy(() -> way.of(database).cleanUp(Period.ofMonths(24), Set.of()))
                .isInstanceOf(MigrationException.class)
                .hasMessageContaining("by the owner of the tables on a connection to the server itself only");
    }

    @ParameterizedTest
    @EnumSource
    void partitionsOfARangeAreMadeOnce(Way way, Database database) throws SQLException {
        database.migrations().migrate();
        LocalDate from = LocalDate.of(2031, 11, 17);
        LocalDate before = LocalDate.of(2032, 1, 1);

        List<PartitionAction> made = way.of(database).create("saga_executions", from, before);

        assertThat(made)
                .extracting(PartitionAction::kind, PartitionAction::partition)
                .containsExactly(
                        tuple(CREATE, "saga_executions_y2031m11"),
                        tuple(CREATE, "saga_steps_y2031m11"),
                        tuple(CREATE, "saga_executions_y2031m12"),
                        tuple(CREATE, "saga_steps_y2031m12"));
        assertThat(way.of(database).create("saga_executions", from, before))
                .extracting(PartitionAction::kind)
                .containsOnly(EXISTS);
        try (Connection owner = database.owner()) {
            assertThat(partitions(owner)).contains("saga_executions_y2031m11", "saga_steps_y2031m12");
        }
    }

    @Test
    void onePartitionThatCannotBeMadeKeepsNoOtherFromBeingMade(Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner()) {
            Sql.run(owner, "CREATE TABLE saga_outbox_y2031m05d02 ()");

            assertThat(database.maintenance(Route.DIRECT)
                            .create("saga_outbox", LocalDate.of(2031, 5, 1), LocalDate.of(2031, 5, 4)))
                    .extracting(PartitionAction::kind)
                    .containsExactly(CREATE, FAIL, CREATE);
        }
    }

    private static List<String> partitions(Connection owner) throws SQLException {
        return Sql.rows(owner, "SELECT partition_name FROM sagaz_partitions() ORDER BY 1");
    }
}
