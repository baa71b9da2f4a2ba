package io.sagaz.bench.partitions;

import io.sagaz.bench.report.Ratio;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Numbers in sentences. Pure. */
final class Words {
    private Words() {}

    /** {@code 0.43 of the time of "one table"}. */
    static String ofTime(Ratio ratio) {
        return times(ratio.value()) + " of the time of \"" + ratio.of() + "\"";
    }

    /** Likewise, of several. */
    static String ofTime(List<Ratio> ratios) {
        return ratios.stream().map(Words::ofTime).collect(Collectors.joining(" and "));
    }

    /** {@code 0.43} or {@code 12.5}. */
    static String times(double ratio) {
        return String.format(Locale.ROOT, ratio < 10 ? "%.2f" : "%.1f", ratio);
    }

    /** {@code 0.123 ms}, {@code 4.56 ms}, {@code 78.9 ms} or {@code 6.5 s}. */
    static String millis(double millis) {
        if (millis >= 1_000) {
            return String.format(Locale.ROOT, "%.1f s", millis / 1_000);
        }
        return String.format(Locale.ROOT, millis < 1 ? "%.3f ms" : millis < 10 ? "%.2f ms" : "%.1f ms", millis);
    }

    /** {@code 5,000,000}. */
    static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }
}
