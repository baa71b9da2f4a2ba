package io.sagaz.bench.reads.year;

import java.time.Duration;

/** How far back a dashboard looks. */
enum Span {
    /** An hour. */
    HOUR("last hour", Duration.ofHours(1)),
    /** A day. */
    DAY("last day", Duration.ofDays(1)),
    /** Thirty days. */
    MONTH("last 30 days", Duration.ofDays(30)),
    /** All there is. */
    YEAR("last 12 months", Duration.ofDays(366));

    private final String title;
    private final Duration length;

    Span(String title, Duration length) {
        this.title = title;
        this.length = length;
    }

    String title() {
        return title;
    }

    Duration length() {
        return length;
    }
}
