package io.sagaz.cli.term;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SparklineTest {
    private static final List<Integer> SLOTS = List.of(0, 1, 50, 100, 100, 100);

    @Test
    void heightFollowsTheNumbers() {
        assertThat(Sparkline.draw(SLOTS, 6, 100, 6)).isEqualTo("▁▂▅███");
    }

    @Test
    void timeThatHasNotPassedIsBlank() {
        assertThat(Sparkline.draw(SLOTS, 3, 100, 6)).isEqualTo("▁▂▅   ");
    }

    @Test
    void slotsArePutTogetherOrSpread() {
        assertThat(Sparkline.draw(SLOTS, 6, 100, 3)).isEqualTo("▂▆█");
        assertThat(Sparkline.draw(SLOTS, 6, 100, 12)).isEqualTo("▁▁▂▂▅▅██████");
    }

    @Test
    void noReadsAtAllIsTheFloor() {
        assertThat(Sparkline.draw(List.of(0, 0), 2, 0, 2)).isEqualTo("▁▁");
    }
}
