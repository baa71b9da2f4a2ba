package io.sagaz.bench.outbox;

import java.util.List;

/** Who appends. */
enum Author {
    /** The library: {@code store.emit(list)}. */
    SAGAZ("Sagaz"),
    /** One statement with a list of values for each row, into Sagaz' table. */
    ROWS("multi-row INSERT"),
    /** Into Sagaz' table, too. */
    COPY("COPY"),
    /** A statement for each event, into a table with a status. */
    STATUS_TABLE("status table"),
    /** By its batch at the commit. */
    TRANSACTION_OUTBOX("transaction-outbox"),
    /** By {@code scheduleBatch}. */
    DB_SCHEDULER("db-scheduler");

    private final String title;

    Author(String title) {
        this.title = title;
    }

    /** Those that do what Sagaz does in a way of their own. */
    static List<Author> peers() {
        return List.of(STATUS_TABLE, TRANSACTION_OUTBOX, DB_SCHEDULER);
    }

    String title() {
        return title;
    }
}
