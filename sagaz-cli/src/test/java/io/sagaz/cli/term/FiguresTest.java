package io.sagaz.cli.term;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FiguresTest {
    @Test
    void numbersReadTheSameEverywhere() {
        assertThat(Figures.count(1_234_567)).isEqualTo("1,234,567");
        assertThat(Figures.rate(3.44)).isEqualTo("3.4");
        assertThat(Figures.rate(1_812.6)).isEqualTo("1,813");
        assertThat(Figures.millis(0.64)).isEqualTo("0.6 ms");
        assertThat(Figures.millis(212)).isEqualTo("212 ms");
        assertThat(Figures.millis(2_345)).isEqualTo("2.3 s");
    }
}
