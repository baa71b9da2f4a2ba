package io.sagaz.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class RoundsTest {
    @Test
    void theMedianOfAnOddNumberIsTheOneInTheMiddle() {
        assertThat(new Rounds(List.of(9.0, 1.0, 2.0)).median()).isEqualTo(2);
    }

    @Test
    void theMedianOfAnEvenNumberIsBetweenTheTwoInTheMiddle() {
        assertThat(new Rounds(List.of(9.0, 1.0, 2.0, 4.0)).median()).isEqualTo(3);
    }

    @Test
    void oneRoundIsItsOwnMedianAndSpread() {
        Rounds once = Rounds.once(7);

        assertThat(once.median()).isEqualTo(7);
        assertThat(once.min()).isEqualTo(7);
        assertThat(once.max()).isEqualTo(7);
    }

    @Test
    void theSpreadIsFromTheLowestToTheHighest() {
        Rounds rounds = new Rounds(List.of(3.0, 9.0, 1.0, 2.0));

        assertThat(rounds.min()).isEqualTo(1);
        assertThat(rounds.max()).isEqualTo(9);
    }

    @Test
    void whatSlowsAWholeRoundDownFallsOutOfTheRatio() {
        Rounds first = new Rounds(List.of(1.0, 10.0, 2.0));
        Rounds second = new Rounds(List.of(2.0, 20.0, 4.0));

        assertThat(first.dividedBy(second).values()).containsExactly(0.5, 0.5, 0.5);
    }

    @Test
    void whatCannotBeComparedIsRefused() {
        Rounds two = new Rounds(List.of(1.0, 0.0));

        assertThatThrownBy(() -> two.dividedBy(Rounds.once(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("2 rounds cannot be compared with 1");
        assertThatThrownBy(() -> two.dividedBy(two)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Rounds(List.of())).isInstanceOf(IllegalArgumentException.class);
    }
}
