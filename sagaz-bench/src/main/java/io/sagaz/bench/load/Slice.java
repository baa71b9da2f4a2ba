package io.sagaz.bench.load;

import io.sagaz.bench.measure.Durations;

/**
 * What was measured in one round of one thing.
 *
 * @param perSecond how many calls came to their end in a second
 * @param p50 milliseconds that half of the calls took at most
 * @param p99 all but one in a hundred
 * @param p999 all but one in a thousand
 */
public record Slice(double perSecond, double p50, double p99, double p999) {
    private static final double NANOS_OF_A_SECOND = 1e9;

    /** Calls that came to their end within so many nanoseconds. */
    public static Slice of(Durations calls, long nanos) {
        return of(calls, calls.count() * NANOS_OF_A_SECOND / nanos);
    }

    /** Likewise, when the rate is known. */
    public static Slice of(Durations calls, double perSecond) {
        double[] percentiles = calls.percentileMillis(0.5, 0.99, 0.999);
        return new Slice(perSecond, percentiles[0], percentiles[1], percentiles[2]);
    }
}
