package io.sagaz.cli.term;

import java.time.Duration;
import java.util.Locale;

/** Numbers as people read them, the same in every country. */
public final class Figures {
    private Figures() {}

    /** {@code 12,345}. */
    public static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** {@code 812} or, below ten, {@code 3.4}. */
    public static String rate(double perSecond) {
        return perSecond >= 10 ? count(Math.round(perSecond)) : String.format(Locale.ROOT, "%.1f", perSecond);
    }

    /** {@code 3.4 ms}, {@code 812 ms} or {@code 2.3 s}. */
    public static String millis(double millis) {
        if (millis >= 1_000) {
            return String.format(Locale.ROOT, "%.1f s", millis / 1_000);
        }
        return String.format(Locale.ROOT, millis >= 100 ? "%.0f ms" : "%.1f ms", millis);
    }

    /** As {@link #millis(double)}. */
    public static String duration(Duration duration) {
        return millis(duration.toNanos() / 1e6);
    }
}
