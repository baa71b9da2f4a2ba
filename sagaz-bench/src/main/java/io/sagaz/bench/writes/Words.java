package io.sagaz.bench.writes;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Numbers in sentences and names. Pure. */
final class Words {
    private Words() {}

    /** {@code 1 caller} or {@code 16 callers}. */
    static String callers(int count) {
        return count == 1 ? "1 caller" : count + " callers";
    }

    /** {@code 0.43} or {@code 12.5}. */
    static String times(double ratio) {
        return String.format(Locale.ROOT, Math.abs(ratio) < 10 ? "%.2f" : "%.1f", ratio);
    }

    /** {@code 1, 4 and 16}. */
    static String list(List<?> items) {
        if (items.size() == 1) {
            return String.valueOf(items.get(0));
        }
        return items.stream().limit(items.size() - 1L).map(String::valueOf).collect(Collectors.joining(", ")) + " and "
                + items.get(items.size() - 1);
    }
}
