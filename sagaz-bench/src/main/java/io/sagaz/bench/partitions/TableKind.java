package io.sagaz.bench.partitions;

/** The tables that are compared. They hold the same rows in the same order. */
enum TableKind {
    /** As the schema of Sagaz makes it. */
    PARTITIONED("partitioned", "saga_executions"),
    /** One table with the same columns, checks and indexes, the BRIN index included. */
    PLAIN("one table", "bench_plain"),
    /** The same with what a careful person would add: a b-tree on the time. */
    INDEXED("one table, b-tree on time", "bench_indexed");

    private final String label;
    private final String table;

    TableKind(String label, String table) {
        this.label = label;
        this.table = table;
    }

    String label() {
        return label;
    }

    String table() {
        return table;
    }
}
