package io.sagaz.cli.demo;

import java.util.function.LongSupplier;

/** A nanosecond clock that stands still until it is moved. */
final class ManualClock implements LongSupplier {
    /** Not zero: whoever forgets that such clocks start anywhere is found out. */
    private long nanos = 1_000_000_007L;

    void advance(long by) {
        nanos += by;
    }

    @Override
    public long getAsLong() {
        return nanos;
    }
}
