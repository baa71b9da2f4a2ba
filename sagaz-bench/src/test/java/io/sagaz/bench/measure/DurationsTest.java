package io.sagaz.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class DurationsTest {
    private static final long MILLI = 1_000_000;

    @Test
    void percentilesAreThoseOfAllThreads() {
        Durations odd = new Durations();
        Durations even = new Durations();
        LongStream.rangeClosed(1, 10_000).forEach(i -> (i % 2 == 1 ? odd : even).add(i * MILLI));

        Durations all = Durations.of(List.of(odd, even));

        assertThat(all.count()).isEqualTo(10_000);
        assertThat(all.percentileMillis(0.5, 0.99, 0.999, 1)).containsExactly(5_000, 9_900, 9_990, 10_000);
    }

    @Test
    void oneDurationIsEveryPercentile() {
        Durations one = new Durations();
        one.add(MILLI);

        assertThat(one.percentileMillis(0.001, 0.999)).containsExactly(1, 1);
    }

    @Test
    void oneMoreFollowsThoseOfSeveral() {
        Durations all = Durations.of(List.of(new Durations()));
        all.add(MILLI);

        assertThat(all.percentileMillis(0.5)).containsExactly(1);
    }

    @Test
    void noneHaveNoPercentile() {
        assertThatThrownBy(() -> new Durations().percentileMillis(0.5)).isInstanceOf(IllegalStateException.class);
    }
}
