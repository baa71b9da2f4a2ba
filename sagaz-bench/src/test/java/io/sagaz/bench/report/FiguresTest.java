package io.sagaz.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FiguresTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "0.0123456, 0.0123",
        "0.00001, 0.0000",
        "0.8, 0.800",
        "0.9996, 1.00",
        "4.5, 4.50",
        "68, 68.0",
        "99.96, 100",
        "812.4, 812",
        "12345.6, '12,346'"
    })
    void threeDigitsCount(double value, String text) {
        assertThat(Figures.ratio(value)).isEqualTo(text);
        assertThat(Figures.quantity(value, Unit.MILLIS)).isEqualTo(text + " ms");
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "14, 14", "4408, '4,408'"})
    void wholeThingsHaveNoFractions(double value, String text) {
        assertThat(Figures.quantity(value, Unit.PAGES)).isEqualTo(text + " pages");
    }

    @ParameterizedTest
    @CsvSource({"0.123456, 0.1235", "123456, 123456", "12.0, 12", "0.00001234567, 0.00001235"})
    void documentsHaveNoExponents(double value, String text) {
        assertThat(Figures.rounded(value, 4).stripTrailingZeros().toPlainString())
                .isEqualTo(text);
    }
}
