package io.sagaz.bench.measure;

import java.util.List;
import java.util.stream.IntStream;

/** What was measured of one thing: a number for each round, in order. Immutable, never empty. */
public record Rounds(List<Double> values) {
    /**
     * Copies the list.
     *
     * @throws IllegalArgumentException if it is empty or holds what is no number
     */
    public Rounds {
        values = List.copyOf(values);
        if (values.isEmpty()) {
            throw new IllegalArgumentException("Rounds.values must not be empty");
        }
        if (!values.stream().allMatch(Double::isFinite)) {
            throw new IllegalArgumentException("Rounds.values must be finite, but are " + values);
        }
    }

    /** One number, as of a size, which does not change from round to round. */
    public static Rounds once(double value) {
        return new Rounds(List.of(value));
    }

    /** How many. */
    public int count() {
        return values.size();
    }

    /** The middle one; of an even number, half way between the two in the middle. */
    public double median() {
        double[] sorted = sorted();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** The lowest. */
    public double min() {
        return sorted()[0];
    }

    /** The highest. */
    public double max() {
        return sorted()[values.size() - 1];
    }

    /**
     * Each round divided by the same round of another: what changes from round to round hits both and falls out.
     *
     * @throws IllegalArgumentException if the other has another number of rounds, or a zero
     */
    public Rounds dividedBy(Rounds other) {
        if (other.count() != count()) {
            throw new IllegalArgumentException(count() + " rounds cannot be compared with " + other.count());
        }
        return new Rounds(IntStream.range(0, count())
                .mapToObj(i -> values.get(i) / other.values.get(i))
                .toList());
    }

    private double[] sorted() {
        return values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    }
}
