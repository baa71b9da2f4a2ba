package io.sagaz.bench.measure;

import java.sql.SQLException;

/** How long statements take. */
public final class Timing {
    private static final double NANOS_OF_A_MILLI = 1e6;

    private Timing() {}

    /** Statements, say. */
    @FunctionalInterface
    public interface Work {
        /** Does it. */
        void run() throws SQLException;
    }

    /** Milliseconds for one of them, when that many are done one after another. */
    public static double millisEach(int times, Work work) throws SQLException {
        long begin = System.nanoTime();
        for (int i = 0; i < times; i++) {
            work.run();
        }
        return millis(System.nanoTime() - begin) / times;
    }

    /** Nanoseconds as milliseconds. */
    public static double millis(long nanos) {
        return nanos / NANOS_OF_A_MILLI;
    }
}
