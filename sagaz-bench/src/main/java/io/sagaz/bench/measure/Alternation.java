package io.sagaz.bench.measure;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * Measures variants in turn, A B C A B C and so on: when the machine gets slower meanwhile, it does so for all of them.
 * Immutable.
 *
 * @param warmUps rounds that do not count, before those that do
 * @param rounds rounds that count
 */
public record Alternation(int warmUps, int rounds) {
    /** Checks the numbers. */
    public Alternation {
        if (warmUps < 0 || rounds < 1) {
            throw new IllegalArgumentException(
                    "Alternation needs warmUps >= 0 and rounds >= 1, but got " + warmUps + " and " + rounds);
        }
    }

    /**
     * Measures one variant once.
     *
     * @param <V> what tells variants apart
     */
    @FunctionalInterface
    public interface Measure<V> {
        /** The number of this round; rounds count from 0, those to warm up included. */
        double of(V variant, int round) throws SQLException;
    }

    /** All rounds, those to warm up included. */
    public int total() {
        return warmUps + rounds;
    }

    /**
     * Measures all variants of an enumeration, in its order.
     *
     * @param done is told how many rounds are done, after each
     */
    public <V extends Enum<V>> Map<V, Rounds> run(Class<V> variants, Measure<V> measure, IntConsumer done)
            throws SQLException {
        Map<V, List<Double>> values = new EnumMap<>(variants);
        for (int round = 0; round < total(); round++) {
            for (V variant : variants.getEnumConstants()) {
                double value = measure.of(variant, round);
                if (round >= warmUps) {
                    values.computeIfAbsent(variant, any -> new ArrayList<>()).add(value);
                }
            }
            done.accept(round + 1);
        }
        Map<V, Rounds> rounded = new EnumMap<>(variants);
        values.forEach((variant, numbers) -> rounded.put(variant, new Rounds(numbers)));
        return rounded;
    }
}
