package io.sagaz.migrations;

/**
 * What was done about one partition, or in a dry run what would be. Immutable. The function {@code
 * maintain_all_partitions()} uses the same words.
 *
 * @param kind what
 * @param table the table, such as {@code saga_outbox}; empty when it is about all of them, as {@link Kind#BUSY} is
 * @param partition the partition, such as {@code saga_outbox_y2025m12d15}; empty when it is not about a partition
 * @param details for people: the time it spans, what it is kept for, why something failed
 */
public record PartitionAction(Kind kind, String table, String partition, String details) {
    /** What can be done about a partition. */
    public enum Kind {
        /** It was missing, and was made. */
        CREATE,
        /** It should exist and does; or another instance has made it meanwhile. */
        EXISTS,
        /** It has expired, but something needs it; or it is out of its table, but not by the maintenance. */
        KEEP,
        /** It was taken out of its table; the next maintenance looks again whether something needs it. */
        DETACH,
        /** It had expired, nothing needed it, and it is gone. */
        DROP,
        /** It had expired, nothing needed it, and it is a plain table now. */
        ARCHIVE,
        /** It was out of its table, but something needs it after all: it was put back. */
        ATTACH,
        /** Others would have had to wait, or the time is in doubt; the next maintenance tries again. */
        LATER,
        /** Another instance is taking care of old partitions, so this one did not. */
        BUSY,
        /** It went wrong. */
        FAIL
    }

    @Override
    public String toString() {
        String what = partition.isEmpty() ? table : partition;
        return kind + (what.isEmpty() ? "" : " " + what) + " (" + details + ")";
    }
}
