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
    /** Ten attempts within 17 minutes: 2 seconds after the first, an hour at most between two. */
    public static final RetryPolicy DEFAULT = new RetryPolicy(10, Duration.ofSeconds(2), Duration.ofHours(1));

    private static final double JITTER = 0.2;

    /**
     * Checks the bounds.
     *
     * @throws IllegalArgumentException if there is no attempt, or a time is null or not positive, or the longest is shorter than
     *     the first
     */
    public RetryPolicy {
        if (attempts < 1) {
            throw new IllegalArgumentException("RetryPolicy.attempts must be at least 1 but is " + attempts);
        }
        if (first == null || first.isNegative() || first.isZero()) {
            throw new IllegalArgumentException("RetryPolicy.first must be positive but is " + first);
        }
        if (longest == null || longest.compareTo(first) < 0) {
            throw new IllegalArgumentException(
                    "RetryPolicy.longest must be at least the first, " + first + ", but is " + longest);
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
        int doublings = Math.min(tried - 1, 62);
        long delay = first.toMillis();
        for (int i = 0; i < doublings && delay < most; i++) {
            delay *= 2;
        }
        return Duration.ofMillis(Math.min(delay, most));
    }
}
