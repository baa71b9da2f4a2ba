package io.sagaz.migrations.internal.partition;

import io.sagaz.migrations.PartitionAction;
import io.sagaz.migrations.PartitionAction.Kind;
import io.sagaz.migrations.PartitionSettings.WhenExpired;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Says what a maintenance would come to if nobody were in its way. */
public final class DryRun {
    private final PartitionCatalog catalog;

    /** Looks at this catalog. */
    public DryRun(PartitionCatalog catalog) {
        this.catalog = catalog;
    }

    /** The actions that would be taken, in order. */
    public List<PartitionAction> of(Connection connection, PartitionFacts facts) throws SQLException {
        return PartitionPlanner.plan(facts, catalog.needs(connection, facts)).stream()
                .map(step -> foretell(step, facts))
                .toList();
    }

    /** What is said of a partition that was, or would be, made. */
    public static PartitionAction creation(Slot slot) {
        return new PartitionAction(
                Kind.CREATE, slot.table().table(), slot.name(), "from " + slot.firstDay() + " (UTC)");
    }

    /** What is said of one that is there already. */
    public static PartitionAction presence(Slot slot) {
        return new PartitionAction(
                Kind.EXISTS, slot.table().table(), slot.name(), "from " + slot.firstDay() + " (UTC)");
    }

    /** What is said of one that cannot be made. */
    public static PartitionAction failure(Slot slot, String why) {
        return new PartitionAction(Kind.FAIL, slot.table().table(), slot.name(), "cannot be made: " + why);
    }

    private static PartitionAction foretell(Step step, PartitionFacts facts) {
        if (step instanceof Step.Create create) {
            return facts.partitions().stream()
                            .anyMatch(partition ->
                                    partition.name().equals(create.slot().name()))
                    ? failure(create.slot(), "its name is that of a table that is no partition")
                    : creation(create.slot());
        }
        if (step instanceof Step.Keep keep) {
            return action(Kind.KEEP, keep.partition(), keep.why());
        }
        if (step instanceof Step.Finish finish) {
            return finish.reasonsAgainst().isEmpty()
                    ? end(finish.partition(), facts)
                    : action(Kind.ATTACH, finish.partition(), String.join("; ", finish.reasonsAgainst()));
        }
        if (step instanceof Step.Retire retire) {
            return end(retire.partition(), facts);
        }
        throw new IllegalStateException("Unknown step " + step);
    }

    private static PartitionAction end(Partition partition, PartitionFacts facts) {
        boolean archive = facts.settingsOf(partition.table()).whenExpired() == WhenExpired.ARCHIVE;
        return action(
                archive ? Kind.ARCHIVE : Kind.DROP, partition, "from " + partition.start() + " to " + partition.end());
    }

    private static PartitionAction action(Kind kind, Partition partition, String details) {
        return new PartitionAction(kind, partition.table().table(), partition.name(), details);
    }
}
