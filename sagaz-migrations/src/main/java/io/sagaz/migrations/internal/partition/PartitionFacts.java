package io.sagaz.migrations.internal.partition;

import io.sagaz.migrations.PartitionSettings;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * All that a plan depends on.
 *
 * @param now the time, by the clock of the database
 * @param settings by name of the table
 * @param partitions what there is
 */
public record PartitionFacts(Instant now, Map<String, PartitionSettings> settings, List<Partition> partitions) {
    /** Copies map and list. */
    public PartitionFacts {
        settings = Map.copyOf(settings);
        partitions = List.copyOf(partitions);
    }

    /** Whether there is a partition of this name. */
    public boolean has(String name) {
        return partitions.stream().anyMatch(partition -> partition.name().equals(name));
    }

    PartitionSettings settingsOf(PartitionedTable table) {
        PartitionSettings found = settings.get(table.governedBy());
        if (found == null) {
            throw new IllegalStateException("partition_settings lacks " + table.governedBy());
        }
        return found;
    }
}
