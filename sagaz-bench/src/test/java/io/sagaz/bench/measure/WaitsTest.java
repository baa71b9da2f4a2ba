package io.sagaz.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.bench.measure.Waits.Figures;
import io.sagaz.bench.measure.Waits.Window;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class WaitsTest {
    private static final long MILLI = 1_000_000;

    @Test
    void whoWasUnderWayCountsWithItsWholeLength() {
        // Before; across the begin; inside; across the end; after.
        long[] begins = {0, 90 * MILLI, 120 * MILLI, 190 * MILLI, 201 * MILLI};
        long[] ends = {100 * MILLI, 110 * MILLI, 125 * MILLI, 240 * MILLI, 999 * MILLI};

        Figures figures = Waits.of(begins, ends, 5).during(new Window(100 * MILLI, 200 * MILLI));

        assertThat(figures).isEqualTo(new Figures(3, 50, 50));
    }

    @Test
    void oneInAHundredMayBeLongerThanTheP99() {
        long[] begins = new long[200];
        long[] ends =
                LongStream.rangeClosed(1, 200).map(length -> length * MILLI).toArray();

        Figures figures = Waits.of(begins, ends, 200).during(new Window(0, MILLI));

        assertThat(figures).isEqualTo(new Figures(200, 200, 198));
    }

    @Test
    void theOriginOfTheClockDoesNotMatter() {
        long late = Long.MAX_VALUE - MILLI;
        Waits waits = Waits.of(new long[] {late}, new long[] {late + 2 * MILLI}, 1);

        assertThat(waits.during(new Window(late + MILLI, late + 3 * MILLI)).count())
                .isEqualTo(1);
        assertThat(waits.during(new Window(late + 3 * MILLI, late + 4 * MILLI)).count())
                .isZero();
    }

    @Test
    void logsOfSeveralThreadsAreOne() throws Exception {
        WaitLog first = new WaitLog();
        WaitLog second = new WaitLog();
        long begin = System.nanoTime();
        for (int i = 0; i < 70_000; i++) {
            first.time(() -> {});
        }
        second.time(() -> {});
        Window all = new Window(begin - MILLI, System.nanoTime() + MILLI);

        assertThat(Waits.of(List.of(first.waits(), second.waits())).during(all).count())
                .isEqualTo(70_001);
    }
}
