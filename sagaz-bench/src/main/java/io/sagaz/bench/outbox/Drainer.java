package io.sagaz.bench.outbox;

import java.util.List;

/** Who drains. */
enum Drainer {
    /** A relay with the settings that it has by itself. */
    RELAY("Sagaz"),
    /** One that holds more events. */
    LARGE_RELAY("Sagaz, batchEvents 10,000"),
    /** What the same rows cost that only reads them. */
    SCAN("scan by a cursor"),
    /** Workers of a table with a status. */
    STATUS_TABLE("status table"),
    /** By {@code flush()}. */
    TRANSACTION_OUTBOX("transaction-outbox"),
    /** By lock-and-fetch. */
    DB_SCHEDULER("db-scheduler");

    /** Of {@link #LARGE_RELAY}. */
    static final int LARGE_BATCH = 10_000;

    private final String title;

    Drainer(String title) {
        this.title = title;
    }

    /** Those that do what the relay does in a way of their own. */
    static List<Drainer> peers() {
        return List.of(STATUS_TABLE, TRANSACTION_OUTBOX, DB_SCHEDULER);
    }

    boolean isPeer() {
        return peers().contains(this);
    }

    String title() {
        return title;
    }
}
