package io.sagaz.migrations;

import java.time.Instant;
import java.util.Optional;

/**
 * How a partitioned table is: a row of the function {@code get_partition_statistics()}. Immutable.
 *
 * @param table the table
 * @param partitions how many partitions it has
 * @param oldest name of the oldest partition, if there is one
 * @param newest name of the newest partition, if there is one
 * @param bytes size on disk, with indexes, and with what is detached or archived
 * @param estimatedRows the planner's estimate
 * @param writableUntil until when rows can be written without another partition; empty if not even now
 * @param expired how many partitions are older than they must be kept: needed by something, or not yet taken away
 * @param detached how many are detached and wait to be looked at again
 * @param archived how many are kept as plain tables
 */
public record PartitionStatistics(
        String table,
        long partitions,
        Optional<String> oldest,
        Optional<String> newest,
        long bytes,
        long estimatedRows,
        Optional<Instant> writableUntil,
        long expired,
        long detached,
        long archived) {}
