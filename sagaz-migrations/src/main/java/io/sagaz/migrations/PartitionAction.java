package io.sagaz.migrations;

/**
 * What was done about one partition. Immutable.
 *
 * @param kind what was done
 * @param table the partitioned table, such as {@code saga_outbox}
 * @param partition the partition, such as {@code saga_outbox_y2025m12d15}
 */
public record PartitionAction(Kind kind, String table, String partition) {
    /** What can be done about a partition. */
    public enum Kind {
        /** It was missing, and was made. */
        CREATED,
        /** It was there already, or another instance made it meanwhile. */
        EXISTED
    }
}
