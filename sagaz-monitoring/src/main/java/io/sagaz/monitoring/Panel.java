package io.sagaz.monitoring;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * One picture of a dashboard.
 *
 * @param width in columns of 24
 * @param warning from which value on it is yellow
 * @param critical from which value on it is red; below it, if that is less than the warning
 */
record Panel(
        String title,
        String description,
        Kind kind,
        Unit unit,
        int width,
        List<Query> queries,
        OptionalDouble warning,
        OptionalDouble critical) {
    /** How a panel looks. */
    enum Kind {
        /** Lines over time. */
        LINES("timeseries", 8),
        /** What is the case now, in large figures. */
        NOW("stat", 4);

        private final String grafana;
        private final int height;

        Kind(String grafana, int height) {
            this.grafana = grafana;
            this.height = height;
        }

        String grafana() {
            return grafana;
        }

        int height() {
            return height;
        }
    }

    /**
     * What a panel asks.
     *
     * @param expression in PromQL
     * @param legend what a series is called; Grafana puts its labels in
     */
    record Query(String expression, String legend) {}

    Panel {
        queries = List.copyOf(queries);
    }

    static Panel lines(String title, Unit unit, String description) {
        return of(Kind.LINES, 12, title, unit, description);
    }

    static Panel now(String title, Unit unit, String description) {
        return of(Kind.NOW, 6, title, unit, description);
    }

    private static Panel of(Kind kind, int width, String title, Unit unit, String description) {
        return new Panel(
                title, description, kind, unit, width, List.of(), OptionalDouble.empty(), OptionalDouble.empty());
    }

    /** Asks one thing more; {@code $here} stands for the cluster that the dashboard shows. */
    Panel query(String expression, String legend) {
        List<Query> all = new ArrayList<>(queries);
        all.add(new Query(expression.strip().replace("$here", "cluster=\"$cluster\""), legend));
        return new Panel(title, description, kind, unit, width, all, warning, critical);
    }

    /** Colours: yellow from the one on, red from the other; or below, if the second is the smaller one. */
    Panel limits(double atWarning, double atCritical) {
        return new Panel(
                title,
                description,
                kind,
                unit,
                width,
                queries,
                OptionalDouble.of(atWarning),
                OptionalDouble.of(atCritical));
    }
}
