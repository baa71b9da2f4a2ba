package io.sagaz.outbox;

/** The names of the relay's meters. Each has the tag {@code relay}. */
public final class RelayMeterNames {
    /** Counter of events that the broker has acknowledged. */
    public static final String PUBLISHED = "sagaz.outbox.published";

    /** Counter of attempts that failed because of the event. */
    public static final String FAILED = "sagaz.outbox.failed";

    /** Counter of events that were parked: those that failed, and those that wait behind them. */
    public static final String PARKED = "sagaz.outbox.parked";

    /** Counter of events that were given up. */
    public static final String DEAD = "sagaz.outbox.dead";

    /** Timer from handing an event to its publisher until the broker has acknowledged it. */
    public static final String PUBLISH = "sagaz.outbox.publish";

    /** Timer from the time in an event's identifier until the broker has acknowledged it, by two clocks. */
    public static final String DELIVERY = "sagaz.outbox.delivery";

    /** Summary of the sizes of batches, in events. */
    public static final String BATCH_SIZE = "sagaz.outbox.batch.size";

    /** Counter of batches that were acknowledged too late: others had the shards, or the primary had crashed. */
    public static final String REJECTED = "sagaz.outbox.rejected";

    /** Gauge: shards that this instance has. */
    public static final String SHARDS = "sagaz.outbox.shards";

    /** Gauge: events that are read and not yet acknowledged. */
    public static final String UNDER_WAY = "sagaz.outbox.underway";

    /** Gauge: 1 while the broker cannot be reached, else 0. */
    public static final String BROKER_DOWN = "sagaz.outbox.broker.down";

    /**
     * Gauge: events that are committed and not published, parked or given up; of a relay that is far behind no less than 100,000 of
     * them are counted. Looked at every 15 seconds or so, as are the following; none of them is dear, however long the log is.
     */
    public static final String DEPTH = "sagaz.outbox.depth";

    /** Gauge in seconds: how old the oldest of those is. */
    public static final String OLDEST_AGE = "sagaz.outbox.oldest.age";

    /** Gauge: events that are parked now. */
    public static final String PARKED_NOW = "sagaz.outbox.parked.now";

    /** Gauge: dead letters that there are now. */
    public static final String DEAD_NOW = "sagaz.outbox.dead.now";

    /**
     * Gauge in transactions, with the tag {@code kind} ({@code session}, {@code standby}, {@code slot}, {@code prepared}): how far
     * back the one of that kind looks that keeps the database from removing dead rows; 0 if there is none, not a number if the
     * relay's role may not know. The log does not suffer from it; tables whose rows change do.
     */
    public static final String VACUUM_HORIZON = "sagaz.outbox.vacuum.horizon";

    private RelayMeterNames() {}
}
