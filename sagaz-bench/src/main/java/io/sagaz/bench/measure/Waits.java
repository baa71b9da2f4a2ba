package io.sagaz.bench.measure;

import java.util.Arrays;
import java.util.List;

/** How long each of many statements took, and when, so that those can be picked that something made wait. Immutable. */
public final class Waits {
    private final long[] begins;
    private final long[] ends;

    private Waits(long[] begins, long[] ends) {
        this.begins = begins;
        this.ends = ends;
    }

    /**
     * A stretch of time.
     *
     * @param begin {@link System#nanoTime()}
     * @param end later
     */
    public record Window(long begin, long end) {
        /** How long it is. */
        public long nanos() {
            return end - begin;
        }
    }

    /**
     * Statements in one stretch of time.
     *
     * @param count how many
     * @param longestMillis the longest; 0 if there are none
     * @param p99Millis all but one in a hundred were at most this long
     */
    public record Figures(int count, double longestMillis, double p99Millis) {}

    /** The first {@code count} of statements that began and ended at these times, {@link System#nanoTime()}. */
    static Waits of(long[] begins, long[] ends, int count) {
        return new Waits(Arrays.copyOf(begins, count), Arrays.copyOf(ends, count));
    }

    /** All of several. */
    public static Waits of(List<Waits> several) {
        return new Waits(
                several.stream().flatMapToLong(one -> Arrays.stream(one.begins)).toArray(),
                several.stream().flatMapToLong(one -> Arrays.stream(one.ends)).toArray());
    }

    /** The statements that were under way in a stretch of time, each with its whole length. */
    public Figures during(Window window) {
        double[] lengths = new double[begins.length];
        int count = 0;
        for (int i = 0; i < begins.length; i++) {
            // Differences, because the origin of nanoTime is arbitrary.
            if (begins[i] - window.end() < 0 && ends[i] - window.begin() > 0) {
                lengths[count++] = Timing.millis(ends[i] - begins[i]);
            }
        }
        double[] sorted = Arrays.copyOf(lengths, count);
        Arrays.sort(sorted);
        return count == 0 ? new Figures(0, 0, 0) : new Figures(count, sorted[count - 1], sorted[rank(count)]);
    }

    private static int rank(int count) {
        return (int) Math.ceil(0.99 * count) - 1;
    }
}
