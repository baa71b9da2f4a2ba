package io.sagaz.monitoring;

import static io.sagaz.monitoring.Rule.Alert.critical;
import static io.sagaz.monitoring.Rule.Alert.warning;
import static io.sagaz.monitoring.Rule.Area.PARTITIONS;

import io.sagaz.monitoring.Rule.Alert;
import java.time.Duration;
import java.util.List;

/** Partitions and their maintenance. */
final class PartitionAlerts {
    private PartitionAlerts() {}

    static List<Alert> all() {
        return List.of(
                critical(
                                "SagazPartitionsEnd",
                                PARTITIONS,
                                Duration.ofMinutes(5),
                                "sagaz_db_partitions_writable_seconds < 86400")
                        .says(
                                "{{ $labels.table_name }} cannot be written to soon",
                                "The last partition of {{ $labels.table_name }} without a gap before it ends in {{"
                                        + " $value | humanizeDuration }}: then every insert fails."),
                warning(
                                "SagazPartitionsMissing",
                                PARTITIONS,
                                Duration.ofMinutes(30),
                                "sagaz_db_partitions_writable_seconds < 3 * 86400")
                        .says(
                                "Partitions of {{ $labels.table_name }} are not made ahead",
                                "The last partition of {{ $labels.table_name }} without a gap before it ends in {{"
                                        + " $value | humanizeDuration }}."),
                warning(
                                "SagazPartitionMaintenanceFailing",
                                PARTITIONS,
                                Duration.ZERO,
                                "sum by (cluster, service) (increase(" + Meters.MAINTENANCE_ERRORS + "[1h])) > 0")
                        .says(
                                "Maintaining partitions fails in {{ $labels.service }}",
                                "Something went wrong in the last hour while {{ $labels.service }} maintained the"
                                        + " partitions of {{ $labels.cluster }}."),
                warning(
                                "SagazPartitionMaintenanceOverdue",
                                PARTITIONS,
                                Duration.ofMinutes(10),
                                "sagaz_db_maintenance_age_seconds > 2 * 86400")
                        .says(
                                "Nobody maintains the partitions of {{ $labels.cluster }}",
                                "The last maintenance was {{ $value | humanizeDuration }} ago."),
                warning("SagazPartitionsKept", PARTITIONS, Duration.ofDays(1), "sagaz_db_partitions_expired > 0")
                        .says(
                                "Old partitions of {{ $labels.table_name }} are still needed",
                                "{{ $value }} partitions of {{ $labels.table_name }} have expired and were not taken"
                                        + " away for a day."),
                warning("SagazTimeInDoubt", PARTITIONS, Duration.ofMinutes(5), "sagaz_db_maintenance_doubt == 1")
                        .says(
                                "{{ $labels.cluster }} doubts what time it is",
                                "The last maintenance of {{ $labels.cluster }} was more than 8 days before the one that"
                                        + " found it so: nothing is taken away for 12 hours."));
    }
}
