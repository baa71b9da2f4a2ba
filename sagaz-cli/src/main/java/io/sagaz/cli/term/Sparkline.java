package io.sagaz.cli.term;

import java.util.List;

/** A row of small columns that shows how numbers change over time. */
public final class Sparkline {
    private static final String LEVELS = "▁▂▃▄▅▆▇█";

    private Sparkline() {}

    /**
     * Draws the first {@code filled} of the slots.
     *
     * @param slots one number for each slot of time
     * @param filled how many slots have passed; what lies behind them is left blank
     * @param largest the number that is drawn as a full column
     * @param columns how wide the line is; slots are put together or spread to fit
     */
    public static String draw(List<Integer> slots, int filled, double largest, int columns) {
        StringBuilder line = new StringBuilder(columns);
        for (int column = 0; column < columns; column++) {
            int from = column * slots.size() / columns;
            int to = Math.max(from + 1, (column + 1) * slots.size() / columns);
            if (to > filled) {
                line.append(' ');
                continue;
            }
            double mean = slots.subList(from, to).stream()
                    .mapToInt(Integer::intValue)
                    .average()
                    .orElse(0);
            line.append(level(mean, largest));
        }
        return line.toString();
    }

    private static char level(double value, double largest) {
        if (value <= 0 || largest <= 0) {
            return LEVELS.charAt(0);
        }
        int highest = LEVELS.length() - 1;
        return LEVELS.charAt((int) Math.max(1, Math.min(highest, Math.round(value / largest * highest))));
    }
}
