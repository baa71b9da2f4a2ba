package io.sagaz.bench.outbox;

/** How old events go. */
enum Removal {
    /** With their partitions, as the maintenance does it. */
    DROP("partitions dropped"),
    /** By a statement that deletes them. */
    DELETE("rows deleted");

    private final String title;

    Removal(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }
}
