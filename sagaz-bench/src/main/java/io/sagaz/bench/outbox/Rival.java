package io.sagaz.bench.outbox;

import java.util.List;

/** Whose outbox has to stand a snapshot that is held. */
enum Rival {
    /** A log with cursors. */
    SAGAZ("Sagaz", OutboxTables.OF_SAGAZ, Author.SAGAZ),
    /** Rows whose status is changed. */
    STATUS_TABLE("status table", List.of(StatusTable.NAME), Author.STATUS_TABLE);

    private final String title;
    private final List<String> tables;
    private final Author author;

    Rival(String title, List<String> tables, Author author) {
        this.title = title;
        this.tables = tables;
        this.author = author;
    }

    String title() {
        return title;
    }

    /** All that it writes to. */
    List<String> tables() {
        return tables;
    }

    Author author() {
        return author;
    }
}
