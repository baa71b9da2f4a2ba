package io.sagaz.bench.reads.year;

import java.time.Duration;

/** How far back a dashboard looks. */
enum Span {
    /** An hour. */
    HOUR("last hour", Duration.ofHours(1), true),
    /** A day. */
    DAY("last day", Duration.ofDays(1), false),
    /** Thirty days. */
    MONTH("last 30 days", Duration.ofDays(30), false),
    /** All there is. */
    YEAR("last 12 months", Duration.ofDays(366), true);

    private final String title;
    private final Duration length;
    private final boolean pictured;

    Span(String title, Duration length, boolean pictured) {
        this.title = title;
        this.length = length;
        this.pictured = pictured;
    }

    String title() {
        return title;
    }

    Duration length() {
        return length;
    }

    /** Whether it is in the picture: the shortest and the longest are, between which the others lie. */
    boolean isPictured() {
        return pictured;
    }
}
