package io.sagaz.cli.demo;

import java.util.Arrays;

/** Moments in ascending order, and how many of them lie before a given one. Not safe for threads. */
final class Timeline {
    private long[] moments = new long[1_024];
    private int size;

    /** Adds a moment that is not before the newest one. */
    void add(long moment) {
        if (size > 0 && moment < moments[size - 1]) {
            throw new IllegalArgumentException("A moment must not be before the newest one");
        }
        if (size == moments.length) {
            moments = Arrays.copyOf(moments, size * 2);
        }
        moments[size++] = moment;
    }

    /** How many moments there are. */
    int size() {
        return size;
    }

    /** How many moments are at {@code moment} or before it. */
    int countUntil(long moment) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (moments[middle] <= moment) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
