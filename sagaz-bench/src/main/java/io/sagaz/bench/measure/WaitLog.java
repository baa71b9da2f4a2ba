package io.sagaz.bench.measure;

import java.sql.SQLException;
import java.util.Arrays;

/** Notes how long statements take. Of one thread until that has ended. */
public final class WaitLog {
    private static final int FIRST_CAPACITY = 1 << 16;

    private long[] begins = new long[FIRST_CAPACITY];
    private long[] ends = new long[FIRST_CAPACITY];
    private int count;

    /** Does something and notes when it began and ended. */
    public void time(Timing.Work work) throws SQLException {
        long begin = System.nanoTime();
        work.run();
        add(begin, System.nanoTime());
    }

    /** Notes one that began and ended at these times, {@link System#nanoTime()}. */
    public void add(long begin, long end) {
        if (count == begins.length) {
            begins = Arrays.copyOf(begins, 2 * count);
            ends = Arrays.copyOf(ends, 2 * count);
        }
        begins[count] = begin;
        ends[count++] = end;
    }

    /** What was noted. */
    public Waits waits() {
        return Waits.of(begins, ends, count);
    }
}
