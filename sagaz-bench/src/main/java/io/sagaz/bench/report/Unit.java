package io.sagaz.bench.report;

/** What a number counts. */
public enum Unit {
    /** Nanoseconds. */
    NANOS("ns", false),
    /** Microseconds. */
    MICROS("us", false),
    /** Milliseconds. */
    MILLIS("ms", false),
    /** Seconds. */
    SECONDS("s", false),
    /** Pages of 8 KiB that a statement has touched. */
    PAGES("pages", true),
    /** Kibibytes. */
    KIBIBYTES("KiB", true),
    /** Mebibytes. */
    MEBIBYTES("MiB", true),
    /** Bytes. */
    BYTES("bytes", true),
    /** Rows. */
    ROWS("rows", true),
    /** Partitions. */
    PARTITIONS("partitions", true),
    /** Statements that a server is sent. */
    STATEMENTS("statements", false),
    /** In a second. */
    PER_SECOND("/s", true),
    /** How many times as much. */
    TIMES("x", false),
    /** A part of a whole, from 0 to 1. */
    SHARE("of all", false);

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

    /** Whether one wants much of it: of what is done in a second, for example, and not of the time that it takes. */
    boolean isBetterWhenMore() {
        return this == PER_SECOND || this == SHARE;
    }

    /** Whether there are no fractions of it. */
    boolean isWhole() {
        return whole;
    }
}
