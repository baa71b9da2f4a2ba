package io.sagaz.bench.report;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Numbers in sentences and names. Pure. */
public final class Words {
    private Words() {}

    /** {@code 1 caller} or {@code 16 callers}. */
    public static String callers(int count) {
        return count == 1 ? "1 caller" : count + " callers";
    }

    /** {@code 0.43 of the time of "one table"}. */
    public static String ofTime(Ratio ratio) {
        return times(ratio.value()) + " of the time of \"" + ratio.of() + "\"";
    }

    /** Likewise, of several. */
    public static String ofTime(List<Ratio> ratios) {
        return ratios.stream().map(Words::ofTime).collect(Collectors.joining(" and "));
    }

    /** {@code 0.43} or {@code 12.5}. */
    public static String times(double ratio) {
        return String.format(Locale.ROOT, Math.abs(ratio) < 10 ? "%.2f" : "%.1f", ratio);
    }

    /** {@code 0.123 ms}, {@code 4.56 ms}, {@code 78.9 ms} or {@code 6.5 s}. */
    public static String millis(double millis) {
        if (millis >= 1_000) {
            return String.format(Locale.ROOT, "%.1f s", millis / 1_000);
        }
        return String.format(Locale.ROOT, millis < 1 ? "%.3f ms" : millis < 10 ? "%.2f ms" : "%.1f ms", millis);
    }

    /** {@code 60 s} or {@code 0.3 s}. */
    public static String seconds(Duration duration) {
        return Figures.round(duration.toMillis() / 1_000.0) + " s";
    }

    /** Nanoseconds as {@code 0.43 us} or {@code 12.5 us}. */
    public static String micros(double nanos) {
        return times(nanos / 1_000) + " us";
    }

    /** {@code 5,000,000}. */
    public static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** {@code 1, 4 and 16}. */
    public static String list(List<?> items) {
        if (items.size() == 1) {
            return String.valueOf(items.get(0));
        }
        return items.stream().limit(items.size() - 1L).map(String::valueOf).collect(Collectors.joining(", ")) + " and "
                + items.get(items.size() - 1);
    }
}
