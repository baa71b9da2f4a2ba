package io.sagaz.cli.operate;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.Period;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.ToLongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Times as people write them. Pure. */
public final class Times {
    /** Spans of time, for help. */
    public static final String SPANS = "90s, 15min, 24h, 7d or 2w";

    /** Moments, for help. */
    static final String MOMENTS = "a time in UTC (2026-01-31, 2026-01-31T12:00:00Z), or how long ago (" + SPANS + ")";

    private static final Pattern AMOUNT = Pattern.compile("(\\d{1,6})([a-z]+)");

    private static final Map<String, ToLongFunction<Long>> SECONDS = Map.of(
            "s", n -> n,
            "min", n -> n * 60,
            "h", n -> n * 3_600,
            "d", n -> n * 86_400,
            "w", n -> n * 7 * 86_400);

    private static final Map<String, IntFunction<Period>> PERIODS =
            Map.of("d", Period::ofDays, "w", Period::ofWeeks, "m", Period::ofMonths, "y", Period::ofYears);

    private static final int LONGEST = 4;
    private static final int DAYS_OF_A_MONTH = 30;

    private Times() {}

    /** A span of the calendar: {@code 12m} is a year. */
    static final class OfCalendar implements ITypeConverter<Period> {
        @Override
        public Period convert(String value) {
            Matcher amount = AMOUNT.matcher(value);
            if (!amount.matches() || amount.group(1).length() > LONGEST || !PERIODS.containsKey(amount.group(2))) {
                throw new TypeConversionException(
                        "must be a number of days (30d), weeks (4w), months (12m) or years (2y), but is " + value);
            }
            return PERIODS.get(amount.group(2)).apply(Integer.parseInt(amount.group(1)));
        }
    }

    /** A span of time: {@code 90s}, {@code 15min}, {@code 24h}, {@code 7d}. */
    public static final class OfClock implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String value) {
            Matcher amount = AMOUNT.matcher(value);
            if (!amount.matches() || !SECONDS.containsKey(amount.group(2))) {
                throw new TypeConversionException(
                        "must be a number of seconds (90s), minutes (15min), hours (24h), days"
                                + " (7d) or weeks (2w), but is " + value + inDoubt(amount));
            }
            return Duration.ofSeconds(SECONDS.get(amount.group(2)).applyAsLong(Long.parseLong(amount.group(1))));
        }
    }

    /** What is to be written for what could be minutes or months. */
    private static String inDoubt(Matcher amount) {
        if (!amount.matches() || !amount.group(2).equals("m")) {
            return "";
        }
        int number = Integer.parseInt(amount.group(1));
        return ": for minutes write " + number + "min, for months " + number * DAYS_OF_A_MONTH + "d";
    }

    /**
     * A moment: a time in UTC, or how long ago.
     *
     * @param text as it was written
     */
    record Moment(String text) {
        /**
         * The time, seen from now.
         *
         * @throws TypeConversionException if it is none
         */
        Instant from(Instant now) {
            try {
                if (text.matches("\\d{4}-\\d{2}-\\d{2}")) {
                    return LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
                }
                return text.contains("T") ? Instant.parse(text) : now.minus(new OfClock().convert(text));
            } catch (DateTimeParseException e) {
                throw new TypeConversionException(
                        "must be a time in UTC, such as 2026-01-31T12:00:00Z, but is " + text);
            }
        }
    }

    /** Reads moments. */
    static final class OfMoment implements ITypeConverter<Moment> {
        @Override
        public Moment convert(String value) {
            Moment moment = new Moment(value);
            try {
                moment.from(Instant.EPOCH);
                return moment;
            } catch (TypeConversionException e) {
                throw new TypeConversionException(
                        "must be " + MOMENTS + ", but is " + value + inDoubt(AMOUNT.matcher(value)));
            }
        }
    }

    /**
     * Days, both included.
     *
     * @param first the first
     * @param last the last
     */
    record Days(LocalDate first, LocalDate last) {}

    /** Reads two days or months with a colon between, both included. */
    static final class OfDays implements ITypeConverter<Days> {
        @Override
        public Days convert(String value) {
            String[] ends = value.split(":", -1);
            try {
                if (ends.length == 2) {
                    Days days = new Days(first(ends[0]), last(ends[1]));
                    if (!days.last().isBefore(days.first())) {
                        return days;
                    }
                }
            } catch (DateTimeParseException e) {
                // Said below.
            }
            throw new TypeConversionException("must be the first and the last month or day, both included, such as"
                    + " 2027-01:2027-06 or 2027-01-01:2027-01-31, but is " + value);
        }

        private static LocalDate first(String text) {
            return isMonth(text) ? YearMonth.parse(text).atDay(1) : LocalDate.parse(text);
        }

        private static LocalDate last(String text) {
            return isMonth(text) ? YearMonth.parse(text).atEndOfMonth() : LocalDate.parse(text);
        }

        private static boolean isMonth(String text) {
            return text.length() == "2027-01".length();
        }
    }
}
