package io.sagaz.cli.operate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.Period;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class TimesTest {
    private static final Instant NOW = Instant.parse("2026-06-15T12:00:00Z");

    @ParameterizedTest
    @CsvSource({"30d, P30D", "4w, P28D", "12m, P12M", "2y, P2Y"})
    void spansOfTheCalendar(String text, Period span) {
        assertThat(new Times.OfCalendar().convert(text)).isEqualTo(span);
    }

    @ParameterizedTest
    @CsvSource({"90s, PT90S", "15min, PT15M", "24h, PT24H", "7d, P7D", "2w, P14D"})
    void spansOfTheClock(String text, Duration span) {
        assertThat(new Times.OfClock().convert(text)).isEqualTo(span);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "12", "m", "-1m", "12months", "1.5d", "99999m"})
    void whatIsNoSpanOfTheCalendarIsRefused(String text) {
        assertThatThrownBy(() -> new Times.OfCalendar().convert(text))
                .isInstanceOf(TypeConversionException.class)
                .hasMessageContaining("months (12m)")
                .hasMessageContaining("but is " + text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "7", "5m", "-1h", "1e3s"})
    void whatIsNoSpanOfTheClockIsRefused(String text) {
        assertThatThrownBy(() -> new Times.OfClock().convert(text))
                .isInstanceOf(TypeConversionException.class)
                .hasMessageContaining("minutes (15min)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"12m", "1m"})
    void whatCouldBeMinutesOrMonthsIsRefusedWithBoth(String text) {
        int number = Integer.parseInt(text.replace("m", ""));

        assertThatThrownBy(() -> new Times.OfMoment().convert(text))
                .isInstanceOf(TypeConversionException.class)
                .hasMessageEndingWith(
                        "but is " + text + ": for minutes write " + number + "min, for months " + number * 30 + "d");
    }

    @ParameterizedTest
    @CsvSource({
        "2026-01-31, 2026-01-31T00:00:00Z",
        "2026-01-31T10:20:30Z, 2026-01-31T10:20:30Z",
        "24h, 2026-06-14T12:00:00Z",
    })
    void moments(String text, Instant moment) {
        assertThat(new Times.OfMoment().convert(text).from(NOW)).isEqualTo(moment);
    }

    @ParameterizedTest
    @ValueSource(strings = {"yesterday", "2026-02-30", "2026-01-31T10:20:30", "12m"})
    void whatIsNoMomentIsRefused(String text) {
        assertThatThrownBy(() -> new Times.OfMoment().convert(text))
                .isInstanceOf(TypeConversionException.class)
                .hasMessageContaining("but is " + text);
    }

    @Test
    void rangesHaveBothEnds() {
        assertThat(new Times.OfDays().convert("2027-01:2027-02"))
                .isEqualTo(new Times.Days(LocalDate.of(2027, 1, 1), LocalDate.of(2027, 2, 28)));
        assertThat(new Times.OfDays().convert("2027-01-05:2027-01-05"))
                .isEqualTo(new Times.Days(LocalDate.of(2027, 1, 5), LocalDate.of(2027, 1, 5)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"2027-01", "2027-02:2027-01", "a:b", "2027-01-01:2027-01-32", "2027-01:2027-02:2027-03"})
    void whatIsNoRangeIsRefused(String text) {
        assertThatThrownBy(() -> new Times.OfDays().convert(text))
                .isInstanceOf(TypeConversionException.class)
                .hasMessageContaining("but is " + text);
    }
}
