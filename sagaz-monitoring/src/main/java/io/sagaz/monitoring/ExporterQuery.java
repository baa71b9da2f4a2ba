package io.sagaz.monitoring;

import java.util.ArrayList;
import java.util.List;

/**
 * A query that an exporter is to make metrics of: each column is one, called {@code name_column}.
 *
 * @param cacheSeconds how long an exporter may give the same answer
 */
record ExporterQuery(String name, int cacheSeconds, String sql, List<Column> columns) {
    /** What a column is. */
    enum Usage {
        LABEL,
        GAUGE,
        COUNTER
    }

    /** A column of the answer. */
    record Column(String name, Usage usage, String description) {}

    ExporterQuery {
        columns = List.copyOf(columns);
    }

    static ExporterQuery of(String name, int cacheSeconds, String sql) {
        return new ExporterQuery(name, cacheSeconds, sql.strip(), List.of());
    }

    ExporterQuery label(String column, String description) {
        return with(new Column(column, Usage.LABEL, description));
    }

    ExporterQuery gauge(String column, String description) {
        return with(new Column(column, Usage.GAUGE, description));
    }

    ExporterQuery counter(String column, String description) {
        return with(new Column(column, Usage.COUNTER, description));
    }

    private ExporterQuery with(Column column) {
        List<Column> all = new ArrayList<>(columns);
        all.add(column);
        return new ExporterQuery(name, cacheSeconds, sql, all);
    }

    /** The names of its metrics. */
    List<String> metrics() {
        return columns.stream()
                .filter(column -> column.usage() != Usage.LABEL)
                .map(column -> name + "_" + column.name())
                .toList();
    }
}
