package io.sagaz.bench.report;

/** What a number counts. */
public enum Unit {
    /** Milliseconds. */
    MILLIS("ms", false),
    /** Seconds. */
    SECONDS("s", false),
    /** Pages of 8 KiB that a statement has touched. */
    PAGES("pages", true),
    /** Kibibytes. */
    KIBIBYTES("KiB", true),
    /** Partitions. */
    PARTITIONS("partitions", true);

    private final String symbol;
    private final boolean whole;

    Unit(String symbol, boolean whole) {
        this.symbol = symbol;
        this.whole = whole;
    }

    /** As it stands behind a number. */
    public String symbol() {
        return symbol;
    }

    /** Whether there are no fractions of it. */
    boolean isWhole() {
        return whole;
    }
}
