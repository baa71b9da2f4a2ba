package io.sagaz.storage;

import java.time.Duration;
import java.time.Instant;

/**
 * A span of time, with its beginning and without its end. Statistics are always about one, so that none reads through
 * all that there is by oversight.
 *
 * @param from the first moment in it
 * @param before the first moment behind it
 */
public record TimeSpan(Instant from, Instant before) {
    /** What PostgreSQL and identifiers can say without loss; no row is of another time. */
    private static final Instant EARLIEST = Instant.EPOCH;

    private static final Instant LATEST = Instant.parse("9999-12-31T00:00:00Z");

    /**
     * Checks the span.
     *
     * @throws IllegalArgumentException if it is empty or ends before it begins, or leaves the years from 1970 to 9999
     */
    public TimeSpan {
        check("TimeSpan.from", from);
        check("TimeSpan.before", before);
        if (!from.isBefore(before)) {
            throw new IllegalArgumentException(
                    "TimeSpan.before must be later than TimeSpan.from, " + from + ", but is " + before);
        }
    }

    /** The span that ends with a moment. */
    public static TimeSpan last(Duration length, Instant before) {
        Duration positive =
                Require.duration("TimeSpan.length", length, Duration.ofMillis(1), Duration.between(EARLIEST, LATEST));
        return new TimeSpan(Require.present("TimeSpan.before", before).minus(positive), before);
    }

    /** How long it is. */
    public Duration length() {
        return Duration.between(from, before);
    }

    private static void check(String what, Instant time) {
        if (Require.present(what, time).isBefore(EARLIEST) || time.isAfter(LATEST)) {
            throw new IllegalArgumentException(what + " must be " + EARLIEST + " to " + LATEST + " but is " + time);
        }
    }
}
