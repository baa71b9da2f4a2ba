package io.sagaz.cli.demo;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * How long something took, lately and over the whole run. Any thread records; one thread {@linkplain #tick() ticks} and
 * asks.
 */
final class Latencies {
    /** One percent: finer ones make the histograms, which are added up with each tick, ten times as large. */
    private static final int DIGITS = 2;

    private final Recorder recorder = new Recorder(DIGITS);
    private final Histogram all = new Histogram(DIGITS);
    private final Deque<Histogram> intervals = new ArrayDeque<>();
    private final int recentIntervals;

    /**
     * Median and 99th percentile; both zero while there is nothing.
     *
     * @param p50Millis half of the times were at most this long
     * @param p99Millis all but one in a hundred were at most this long
     */
    record Percentiles(double p50Millis, double p99Millis) {}

    /** "Lately" means the newest so many ticks. */
    Latencies(int recentIntervals) {
        this.recentIntervals = recentIntervals;
    }

    /** Notes one. */
    void record(long nanos) {
        recorder.recordValue(TimeUnit.NANOSECONDS.toMicros(Math.max(0, nanos)));
    }

    /** Takes in what was recorded since the tick before. */
    void tick() {
        Histogram interval = recorder.getIntervalHistogram();
        all.add(interval);
        intervals.addLast(interval);
        if (intervals.size() > recentIntervals) {
            intervals.removeFirst();
        }
    }

    /** Over the newest ticks. */
    Percentiles recent() {
        Histogram sum = new Histogram(DIGITS);
        intervals.forEach(sum::add);
        return percentiles(sum);
    }

    /** Over the whole run, up to the newest tick. */
    Percentiles overall() {
        return percentiles(all);
    }

    private static Percentiles percentiles(Histogram histogram) {
        return new Percentiles(millis(histogram.getValueAtPercentile(50)), millis(histogram.getValueAtPercentile(99)));
    }

    private static double millis(long micros) {
        return micros / 1e3;
    }
}
