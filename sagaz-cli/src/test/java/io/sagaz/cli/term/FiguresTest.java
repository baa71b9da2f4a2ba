package io.sagaz.cli.term;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "1023, 1023 B",
        "1024, 1.0 kB",
        "102400, 100 kB",
        "1073741824, 1.0 GB",
        "2199023255552000, 2000 TB"
    })
    void bytesAreInStepsOf1024(long bytes, String shown) {
        assertThat(Figures.bytes(bytes)).isEqualTo(shown);
    }

    @ParameterizedTest
    @CsvSource({"-5, 0 s", "119, 119 s", "120, 2 min", "7199, 119 min", "7200, 2 h", "172799, 47 h", "172800, 2 d"})
    void agesAreInTheLargestUnitOfWhichThereAreTwo(long seconds, String shown) {
        assertThat(Figures.age(Duration.ofSeconds(seconds))).isEqualTo(shown);
    }
}
