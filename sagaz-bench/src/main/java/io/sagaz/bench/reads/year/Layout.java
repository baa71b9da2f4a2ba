package io.sagaz.bench.reads.year;

/** How the same rows lie. */
enum Layout {
    /** As the schema of Sagaz makes it. */
    PARTITIONED("partitioned", "public"),
    /** The same schema, whose tables have one partition each, for all times: the planner takes it for one table. */
    ONE("one table", "bench_one");

    private final String title;
    private final String schema;

    Layout(String title, String schema) {
        this.title = title;
        this.schema = schema;
    }

    String title() {
        return title;
    }

    String schema() {
        return schema;
    }
}
