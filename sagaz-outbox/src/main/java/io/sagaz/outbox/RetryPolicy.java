package io.sagaz.outbox;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How often and when an event is tried again that a broker does not take: each time after twice as long, up to a limit, give or
 * take a fifth, so that events that failed together are not tried together. Immutable.
 *
 * @param attempts how often an event is tried, all in all, before it becomes a dead letter
 * @param first how long after the first attempt the second is
 * @param longest the longest time between two attempts
 */
public record RetryPolicy(int attempts, Duration first, Duration longest) {
    private static final Duration SHORTEST = Duration.ofMillis(1);
    private static final Duration YEAR = Duration.ofDays(365);

    /** Ten attempts within 17 minutes: 2 seconds after the first, an hour at most between two. */
    public static final RetryPolicy DEFAULT = new RetryPolicy(10, Duration.ofSeconds(2), Duration.ofHours(1));

    private static final double JITTER = 0.2;

    /**
     * Checks the bounds.
     *
     * @throws IllegalArgumentException if there is no attempt, or a time is null, or the first is shorter than a millisecond, or
     *     the longest is shorter than the first or longer than 365 days
     */
    public RetryPolicy {
        if (attempts < 1) {
            throw new IllegalArgumentException("RetryPolicy.attempts must be at least 1 but is " + attempts);
        }
        if (first == null || first.compareTo(SHORTEST) < 0) {
            throw new IllegalArgumentException("RetryPolicy.first must be at least " + SHORTEST + " but is " + first);
        }
        if (longest == null || longest.compareTo(first) < 0 || longest.compareTo(YEAR) > 0) {
            throw new IllegalArgumentException("RetryPolicy.longest must be at least the first, " + first
                    + ", and at most " + YEAR.toDays() + " days, but is " + longest);
        }
    }

    /** When an event is tried again that was tried so often; empty if it is given up. */
    Optional<Duration> after(int tried) {
        if (tried >= attempts) {
            return Optional.empty();
        }
        double spread = 1 - JITTER + 2 * JITTER * ThreadLocalRandom.current().nextDouble();
        return Optional.of(Duration.ofMillis((long) (delay(tried).toMillis() * spread)));
    }

    /** The time after so many attempts, without the spread. */
    Duration delay(int tried) {
        long most = longest.toMillis();
        long delay = first.toMillis();
        for (int i = 1; i < tried && delay < most; i++) {
            delay *= 2;
        }
        return Duration.ofMillis(Math.min(delay, most));
    }
}
