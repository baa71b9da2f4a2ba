package io.sagaz.monitoring;

import java.util.List;

/**
 * A dashboard.
 *
 * @param uid by which Grafana and links know it, for ever
 */
record Dashboard(String uid, String title, String description, List<Row> rows) {
    /** Panels under a heading; they flow from left to right, and into further lines. */
    record Row(String title, List<Panel> panels) {}

    static Row row(String title, Panel... panels) {
        return new Row(title, List.of(panels));
    }

    static List<Dashboard> all() {
        return List.of(
                PostgresDashboard.make(),
                PgBouncerDashboard.make(),
                PartitionsDashboard.make(),
                SagasDashboard.make(),
                OutboxDashboard.make());
    }

    String fileName() {
        return uid + ".json";
    }
}
