package io.sagaz.bench.outbox;

import java.util.List;

/** Whose outbox has to stand a snapshot that is held. */
enum Rival {
    /** A log with cursors. */
    SAGAZ("Sagaz", Author.SAGAZ),
    /** Rows whose status is changed. */
    STATUS_TABLE("status table", Author.STATUS_TABLE);

    private final String title;
    private final Author author;

    Rival(String title, Author author) {
        this.title = title;
        this.author = author;
    }

    String title() {
        return title;
    }

    /** Who appends. */
    Author author() {
        return author;
    }

    /** All that it writes to. */
    List<String> tables() {
        return this == SAGAZ ? OutboxTables.OF_SAGAZ : List.of(StatusTable.NAME);
    }
}
