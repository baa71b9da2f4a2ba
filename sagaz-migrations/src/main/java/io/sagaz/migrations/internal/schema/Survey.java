package io.sagaz.migrations.internal.schema;

import io.sagaz.migrations.MigrationConfig;
import io.sagaz.migrations.internal.partition.PartitionCatalog;
import io.sagaz.migrations.internal.partition.PartitionPlanner;
import io.sagaz.migrations.internal.partition.Slot;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * What is there of what a store needs: a few cheap reads that take no lock anybody could wait for. Immutable.
 *
 * @param history which migrations were applied
 * @param partitions the partitions that should exist; empty unless the schema is at least as new as this library
 * @param rightsLacking whether a role of the configuration lacks rights; false unless the schema is new enough
 * @param open whether every role may make objects beside ours
 */
public record Survey(SchemaHistory history, List<Slot> partitions, boolean rightsLacking, boolean open) {
    /**
     * Looks.
     *
     * @param connection in autocommit
     */
    public static Survey of(Connection connection, MigrationConfig config) throws SQLException {
        SchemaHistory history = SchemaHistory.of(connection, config.schema());
        if (history.isBehind()) {
            return new Survey(history, List.of(), false, false);
        }
        return new Survey(
                history,
                PartitionPlanner.wanted(new PartitionCatalog(config.schema()).facts(connection)),
                Rights.areLacking(connection, config),
                Rights.isOpenToEverybody(connection, config.schema()));
    }

    /** Whether nothing is left to do. */
    public boolean isComplete() {
        return isEnough() && partitions.stream().allMatch(Slot::present);
    }

    /** Whether a store can work: what may be missing are partitions of later times. */
    public boolean isEnough() {
        return !history.isBehind()
                && !rightsLacking
                && partitions.stream().allMatch(slot -> slot.present() || !slot.needed());
    }
}
