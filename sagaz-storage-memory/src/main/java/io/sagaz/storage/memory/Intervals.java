package io.sagaz.storage.memory;

import io.sagaz.storage.SagaStatistics;
import io.sagaz.storage.TimeSpan;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/** The intervals that a span of time is cut into: counted in UTC from midnight of a Monday. */
record Intervals(TimeSpan span, Duration length) {
    private static final Instant MONDAY = Instant.parse("1970-01-05T00:00:00Z");
    private static final Duration SHORTEST = Duration.ofMillis(1);
    /** Longer than every span. */
    private static final Duration LONGEST = Duration.ofDays(36_500L * 100);

    Intervals {
        Checks.present("span", span);
        Checks.duration("interval", length, SHORTEST, LONGEST);
        if (!length.truncatedTo(ChronoUnit.MICROS).equals(length)) {
            throw new IllegalArgumentException("interval must be of whole microseconds but is " + length);
        }
        if (length.multipliedBy(SagaStatistics.MOST_INTERVALS).compareTo(span.length()) < 0) {
            throw new IllegalArgumentException("interval is too short for the span: there may be "
                    + SagaStatistics.MOST_INTERVALS + " intervals at most but " + span + " has "
                    + span.length().dividedBy(length) + " of " + length + "; take a longer one, or a shorter span");
        }
    }

    /** When each begins, in order. */
    List<Instant> begins() {
        List<Instant> begins = new ArrayList<>();
        for (Instant begin = begin(span.from()); begin.isBefore(span.before()); begin = begin.plus(length)) {
            begins.add(begin);
        }
        return begins;
    }

    /** When the interval begins that a time is in. */
    Instant begin(Instant time) {
        long micros = ChronoUnit.MICROS.between(MONDAY, time);
        long interval = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.EPOCH.plus(length));
        return MONDAY.plus(Math.floorDiv(micros, interval) * interval, ChronoUnit.MICROS);
    }

    static boolean contains(TimeSpan span, Instant time) {
        return !time.isBefore(span.from()) && time.isBefore(span.before());
    }
}
