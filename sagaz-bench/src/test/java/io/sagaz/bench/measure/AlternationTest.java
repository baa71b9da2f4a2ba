package io.sagaz.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AlternationTest {
    private enum Letter {
        A,
        B
    }

    @Test
    void variantsTakeTurnsAndWarmingUpDoesNotCount() throws Exception {
        List<String> order = new ArrayList<>();
        List<Integer> told = new ArrayList<>();

        Map<Letter, Rounds> measured = new Alternation(1, 2)
                .run(
                        Letter.class,
                        (letter, round) -> {
                            order.add(letter.name() + round);
                            return letter == Letter.A ? round : 10.0 + round;
                        },
                        told::add);

        assertThat(order).containsExactly("A0", "B0", "A1", "B1", "A2", "B2");
        assertThat(told).containsExactly(1, 2, 3);
        assertThat(measured)
                .containsOnly(
                        Map.entry(Letter.A, new Rounds(List.of(1.0, 2.0))),
                        Map.entry(Letter.B, new Rounds(List.of(11.0, 12.0))));
    }

    @Test
    void thereIsAtLeastOneRound() {
        assertThatThrownBy(() -> new Alternation(1, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Alternation(-1, 1)).isInstanceOf(IllegalArgumentException.class);
    }
}
