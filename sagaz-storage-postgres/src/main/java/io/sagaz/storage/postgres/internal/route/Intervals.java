package io.sagaz.storage.postgres.internal.route;

import io.sagaz.storage.SagaStatistics;
import io.sagaz.storage.TimeSpan;
import io.sagaz.storage.postgres.internal.sql.Arguments;
import java.time.Duration;
import java.time.temporal.ChronoUnit;

/** The intervals that a span of time is cut into. */
final class Intervals {
    private static final Duration SHORTEST = Duration.ofMillis(1);
    /** Longer than every span. */
    private static final Duration LONGEST = Duration.ofDays(36_500L * 100);

    private Intervals() {}

    /** Refuses an interval that is none, or one of which the span has too many. */
    static void check(TimeSpan span, Duration interval) {
        Arguments.present("span", span);
        Arguments.present("interval", interval);
        if (interval.compareTo(SHORTEST) < 0 || interval.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "interval must be " + SHORTEST + " to " + LONGEST + " but is " + interval);
        }
        if (!interval.truncatedTo(ChronoUnit.MICROS).equals(interval)) {
            throw new IllegalArgumentException("interval must be of whole microseconds but is " + interval);
        }
        Duration longEnough =
                span.length().dividedBy(SagaStatistics.MOST_INTERVALS).plusMillis(1);
        if (interval.multipliedBy(SagaStatistics.MOST_INTERVALS).compareTo(span.length()) < 0) {
            throw new IllegalArgumentException("interval is too short for the span: there may be "
                    + SagaStatistics.MOST_INTERVALS + " intervals at most but " + span + " has "
                    + span.length().dividedBy(interval) + " of " + interval + "; take " + longEnough
                    + " or longer, or a shorter span");
        }
    }
}
