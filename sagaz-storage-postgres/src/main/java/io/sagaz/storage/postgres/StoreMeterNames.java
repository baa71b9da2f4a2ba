package io.sagaz.storage.postgres;

/**
 * The names of the store's meters. The pools have those of HikariCP beside them ({@code hikaricp.connections…}), with
 * the tag {@code pool} being {@code sagaz-rw} or {@code sagaz-ro}.
 */
public final class StoreMeterNames {
    /**
     * Timer of answered reads; tags {@code operation} (find, list, count), {@code source} (replica, primary),
     * {@code reason} (the {@link io.sagaz.storage.RouteReason} in lower case).
     */
    public static final String READS = "sagaz.store.reads";

    /** Timer whose values are the staleness bounds of answers; tag {@code source}. */
    public static final String READ_STALENESS = "sagaz.store.read.staleness";

    /**
     * Timer of writes; tags {@code operation} (start, apply, emit, transaction) and {@code outcome} (the name of the
     * answer in lower case, or of the exception).
     */
    public static final String WRITES = "sagaz.store.writes";

    /** Gauge in seconds: upper bound of a replica's staleness, infinite if unknown; tag {@code replica}. */
    public static final String REPLICATION_LAG = "sagaz.postgres.replication.lag";

    /** Gauge in seconds: age of the newest sample of the primary. */
    public static final String SAMPLE_AGE = "sagaz.store.sample.age";

    private StoreMeterNames() {}
}
