package io.sagaz.storage;

import java.time.Instant;
import java.util.Optional;

/**
 * A partition and what it takes.
 *
 * @param table the table that it belongs to
 * @param partition its name
 * @param from its rows are not older; empty if nothing bounds it
 * @param before its rows are older; empty if nothing bounds it
 * @param state {@code ATTACHED} as a rule; what else there is stands in the comment of {@code sagaz_partitions()}
 * @param estimatedRows the planner's estimate, as of the last analysis; 0 before the first one
 * @param bytes its size on disk, with indexes
 */
public record PartitionSize(
        String table,
        String partition,
        Optional<Instant> from,
        Optional<Instant> before,
        String state,
        long estimatedRows,
        long bytes) {}
