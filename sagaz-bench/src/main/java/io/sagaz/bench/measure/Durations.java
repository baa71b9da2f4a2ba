package io.sagaz.bench.measure;

import java.util.Arrays;
import java.util.List;

/** How long each of many calls took. Of one thread until that has ended. */
public final class Durations {
    private static final int FIRST_CAPACITY = 1 << 12;

    private long[] nanos;
    private int count;

    /** None yet. */
    public Durations() {
        this(new long[FIRST_CAPACITY], 0);
    }

    private Durations(long[] nanos, int count) {
        this.nanos = nanos;
        this.count = count;
    }

    /** All of several. */
    public static Durations of(List<Durations> several) {
        long[] all = several.stream()
                .flatMapToLong(one -> Arrays.stream(one.nanos, 0, one.count))
                .toArray();
        return new Durations(all, all.length);
    }

    /** One more. */
    public void add(long duration) {
        if (count == nanos.length) {
            nanos = Arrays.copyOf(nanos, Math.max(FIRST_CAPACITY, 2 * count));
        }
        nanos[count++] = duration;
    }

    /** How many. */
    public int count() {
        return count;
    }

    /**
     * Milliseconds that this part of them took at most: 0.5 is the median.
     *
     * @param parts from 0, exclusive, to 1
     * @throws IllegalStateException if there are none
     */
    public double[] percentileMillis(double... parts) {
        if (count == 0) {
            throw new IllegalStateException("There are no durations");
        }
        long[] sorted = Arrays.copyOf(nanos, count);
        Arrays.sort(sorted);
        return Arrays.stream(parts)
                .map(part -> Timing.millis(sorted[(int) Math.ceil(part * count) - 1]))
                .toArray();
    }
}
