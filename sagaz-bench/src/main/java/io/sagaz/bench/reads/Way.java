package io.sagaz.bench.reads;

/** How somebody gets to the replicas. */
enum Way {
    /** Through PgBouncer-RO, which gives a connection to one of the replicas. */
    POOLED("through PgBouncer-RO"),
    /** To the servers themselves. */
    DIRECT("direct");

    private final String words;

    Way(String words) {
        this.words = words;
    }

    String words() {
        return words;
    }
}
