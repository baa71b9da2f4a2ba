package io.sagaz.cli.demo;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/** How fast a counter rises, over a window of the newest samples. For one thread. */
final class Rate {
    private final Deque<Sample> samples = new ArrayDeque<>();
    private final long windowNanos;

    private record Sample(long moment, long count) {}

    Rate(long windowNanos) {
        this.windowNanos = windowNanos;
    }

    /** Notes that the counter stands at {@code count} and says by how much it rises per second. */
    double perSecond(long moment, long count) {
        samples.addLast(new Sample(moment, count));
        while (samples.size() > 2 && moment - samples.getFirst().moment() > windowNanos) {
            samples.removeFirst();
        }
        Sample first = samples.getFirst();
        long elapsed = moment - first.moment();
        return elapsed <= 0 ? 0 : (count - first.count()) * (double) TimeUnit.SECONDS.toNanos(1) / elapsed;
    }
}
