package io.sagaz.migrations;

import java.time.Duration;
import java.util.List;

/**
 * What {@link SagazMigrations#migrate()} did. Immutable.
 *
 * @param applied how many migrations this call applied; 0 when the schema was up to date or another instance did it
 * @param schemaVersion version of the schema now
 * @param partitions the partitions that are to exist, and whether this call made them
 * @param took how long the call took, waiting included
 */
public record MigrationReport(int applied, String schemaVersion, List<PartitionAction> partitions, Duration took) {
    /** Copies the list. */
    public MigrationReport {
        partitions = List.copyOf(partitions);
    }
}
