package io.sagaz.bench.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/** Numbers as people read them, the same in every country. */
final class Figures {
    private static final int DIGITS = 3;
    private static final int MOST_DECIMALS = 4;

    private Figures() {}

    /** Three digits that count, or all before the point: {@code 0.0123}, {@code 4.50}, {@code 12,345}. */
    static String ratio(double value) {
        if (value == 0) {
            return "0";
        }
        BigDecimal rounded = rounded(value, DIGITS);
        int decimals = DIGITS - rounded.precision() + rounded.scale();
        return String.format(Locale.ROOT, "%,." + Math.max(0, Math.min(MOST_DECIMALS, decimals)) + "f", rounded);
    }

    /** Likewise, but whole where there are no fractions. */
    static String number(double value, Unit unit) {
        return unit.isWhole() ? String.format(Locale.ROOT, "%,d", Math.round(value)) : ratio(value);
    }

    /** With its unit. */
    static String quantity(double value, Unit unit) {
        return number(value, unit) + " " + unit.symbol();
    }

    /** {@code 0.5} or {@code 20}: for numbers that are round already. */
    static String round(double value) {
        return rounded(value, DIGITS).stripTrailingZeros().toPlainString();
    }

    /** For documents: without an exponent, and no more digits than were measured. */
    static BigDecimal rounded(double value, int digits) {
        BigDecimal exact = BigDecimal.valueOf(value);
        BigDecimal rounded = exact.round(new MathContext(digits, RoundingMode.HALF_UP));
        return rounded.scale() < 0 ? exact.setScale(0, RoundingMode.HALF_UP) : rounded;
    }
}
