package io.sagaz.monitoring;

import static io.sagaz.monitoring.Dashboard.row;
import static io.sagaz.monitoring.Panel.lines;
import static io.sagaz.monitoring.Panel.now;

import io.sagaz.monitoring.Dashboard.Row;
import java.util.List;

/** Partitions and their maintenance. */
final class PartitionsDashboard {
    private PartitionsDashboard() {}

    static Dashboard make() {
        return new Dashboard(
                "sagaz-partitions",
                "Partitions",
                "How long rows can be written, what is kept, and whether somebody sees to it.",
                List.of(atAGlance(), tables(), partitions(), maintenanceInServices()));
    }

    private static Row atAGlance() {
        return row(
                "Now",
                Panels.alerts(Rule.Area.PARTITIONS),
                now(
                                "Writable for",
                                Unit.SECONDS,
                                "Until the end of the last partition without a gap before it: then inserts fail.")
                        .query("min(sagaz_db_partitions_writable_seconds{$here})", "the first table")
                        .limits(259_200, 86_400),
                now("Last maintenance", Unit.SECONDS, "How long ago partitions were maintained.")
                        .query("max(sagaz_db_maintenance_age_seconds{$here})", "ago")
                        .limits(90_000, 172_800),
                now("Time in doubt", Unit.YES_NO, "Whether nothing is taken away because the clock may be wrong.")
                        .query("max(sagaz_db_maintenance_doubt{$here})", "in doubt")
                        .limits(1, 1));
    }

    private static Row tables() {
        return row(
                "Tables",
                lines(
                                "Writable for",
                                Unit.SECONDS,
                                "How long rows can be written without another partition. It falls until the next one"
                                        + " is made.")
                        .query("max by (table_name) (sagaz_db_partitions_writable_seconds{$here})", "{{table_name}}")
                        .limits(259_200, 86_400),
                lines("Partitions", Unit.NUMBER, "Of each table. More than 60 make planning dear.")
                        .query("max by (table_name) (sagaz_db_partitions_attached{$here})", "{{table_name}}"),
                lines("Size", Unit.BYTES, "Of each table, with indexes.")
                        .query("max by (table_name) (sagaz_db_partitions_bytes{$here})", "{{table_name}}"),
                lines(
                                "Expired, or half gone",
                                Unit.NUMBER,
                                "Partitions that are older than they must be kept, because something needs them; and"
                                        + " those that are detached and not gone yet.")
                        .query("max by (table_name) (sagaz_db_partitions_expired{$here})", "{{table_name}} expired")
                        .query("max by (table_name) (sagaz_db_partitions_detached{$here})", "{{table_name}} detached"));
    }

    private static Row partitions() {
        return row(
                "Partitions",
                lines("Largest partitions", Unit.BYTES, "The ten largest, with indexes.")
                        .query(
                                "topk(10, max by (partition_name) (sagaz_db_partition_bytes{$here}))",
                                "{{partition_name}}"),
                lines("Fullest partitions", Unit.NUMBER, "The ten with the most rows, as the last ANALYZE estimates.")
                        .query(
                                "topk(10, max by (partition_name) (sagaz_db_partition_rows{$here}))",
                                "{{partition_name}}"));
    }

    private static Row maintenanceInServices() {
        return row(
                "Maintenance in services",
                Panels.duration(
                        "How long it takes",
                        Meters.MAINTENANCE,
                        "service",
                        "Runs of maintenance in stores; those of jobs in the database do not show here."),
                lines("What goes wrong", Unit.NUMBER, "Failures within an hour; the log of the service says what.")
                        .query(
                                "sum by (service) (increase(" + Meters.MAINTENANCE_ERRORS + "{$here}[1h]))",
                                "{{service}}"));
    }
}
