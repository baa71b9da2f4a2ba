package io.sagaz.storage.postgres;

/**
 * The names of the store's meters. The pools have those of HikariCP beside them ({@code hikaricp.connections…}), with
 * the tag {@code pool} being {@code sagaz-rw} or {@code sagaz-ro}.
 */
public final class StoreMeterNames {
    /**
     * Timer of answered reads; tags {@code operation} (find, findByKey, list, count, forEach, auditTrail, events,
     * throughput, outcomes, durations, slowestSteps, oldestUnfinished, partitions, outboxDepth, outboxThroughput, deadLetters,
     * parked, relays, event; of forEach the time that its consumer takes is in it), {@code source} (replica, primary),
     * {@code reason} (the {@link io.sagaz.storage.RouteReason} in lower case).
     */
    public static final String READS = "sagaz.store.reads";

    /** Counter of reads that were sent away as {@link io.sagaz.storage.ReplicaTooStaleException}; tags {@code operation}, {@code reason}. */
    public static final String READS_REJECTED = "sagaz.store.reads.rejected";

    /** Timer whose values are the staleness bounds of answers; tag {@code source}. */
    public static final String READ_STALENESS = "sagaz.store.read.staleness";

    /** Timer of waits for a replica to reach a token or a write; tag {@code outcome} (reached, given_up). */
    public static final String READ_WAITS = "sagaz.store.read.waits";

    /** Gauge: reads that are at the primary because no replica could answer them. */
    public static final String PRIMARY_READS = "sagaz.store.primary.reads";

    /** Gauge: how many such reads may be at the primary at once. */
    public static final String PRIMARY_READS_MAX = "sagaz.store.primary.reads.max";

    /**
     * Timer of writes; tags {@code operation} (start, startAll, apply, applyAll, annotate, claimAbandoned, emit,
     * transaction; resend, discard, retryNow, removeRelay, each batch by itself) and {@code outcome} (the name of the answer or of the {@link io.sagaz.storage.StoreException} in lower
     * case; done, where there is no one answer; failed, for any other exception).
     */
    public static final String WRITES = "sagaz.store.writes";

    /**
     * Counter of writes that the store tried again by itself; tags {@code operation} (as for {@link #WRITES}, but no
     * transaction) and {@code outcome}: {@code open} if the connection was lost, so that the last attempt may have succeeded, {@code undone} if the
     * server said that it had not.
     */
    public static final String WRITE_REPEATS = "sagaz.store.write.repeats";

    /**
     * Counter of events that a {@link ConsumerInbox} has had handled; tags {@code consumer_name}, {@code event_type} (none, if the
     * delivery did not say), as for the following two. In a transaction of the caller's own, before that is committed.
     */
    public static final String INBOX_PROCESSED = "consumer.inbox.processed";

    /** Counter of deliveries whose event was handled before. */
    public static final String INBOX_DUPLICATES = "consumer.inbox.duplicates";

    /** Timer of handling an event, from taking it in to the commit; in a transaction of the caller's own without that. */
    public static final String INBOX_PROCESSING = "consumer.inbox.processing.duration";

    /** Gauge in seconds: upper bound of a replica's staleness, infinite if unknown; tag {@code replica}. */
    public static final String REPLICATION_LAG = "sagaz.postgres.replication.lag";

    /** Gauge in seconds: age of the newest sample of the primary. */
    public static final String SAMPLE_AGE = "sagaz.store.sample.age";

    /** Timer of maintaining the partitions. */
    public static final String PARTITION_MAINTENANCE = "sagaz.partition.maintenance.duration";

    /** Counter of what went wrong while maintaining the partitions. */
    public static final String PARTITION_MAINTENANCE_ERRORS = "sagaz.partition.maintenance.errors";

    /** Gauge: partitions of a table, as of the last maintenance; tag {@code table}, as for the following. */
    public static final String PARTITION_COUNT = "sagaz.partition.count";

    /** Gauge in bytes: size of a table with its indexes, and with partitions that are detached or archived. */
    public static final String PARTITION_SIZE = "sagaz.partition.size";

    /** Gauge: partitions that are older than they must be kept, because something needs them or nobody took them away. */
    public static final String PARTITION_EXPIRED = "sagaz.partition.expired";

    /** Gauge in seconds: how long rows can be written without another partition; 0 or less if not even now. */
    public static final String PARTITION_WRITABLE = "sagaz.partition.writable";

    private StoreMeterNames() {}
}
