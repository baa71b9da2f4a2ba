package io.sagaz.bench.report;

import io.sagaz.bench.measure.Rounds;

/**
 * A result divided by another one.
 *
 * @param of name of the result that it was divided by
 * @param value below 1 when the first is lower
 * @param low the lowest of the rounds' ratios
 * @param high the highest of the rounds' ratios
 */
public record Ratio(String of, double value, double low, double high) {
    /** The median of the rounds' ratios; of numbers that stand for the worst round, the ratio of these. */
    static Ratio of(Result result, Result other) {
        Rounds ratios = result.rounds().dividedBy(other.rounds());
        double value = result.statistic() == Statistic.MEDIAN ? ratios.median() : result.value() / other.value();
        return new Ratio(other.name(), value, ratios.min(), ratios.max());
    }
}
