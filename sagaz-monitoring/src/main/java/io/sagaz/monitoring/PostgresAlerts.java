package io.sagaz.monitoring;

import static io.sagaz.monitoring.Rule.Alert.critical;
import static io.sagaz.monitoring.Rule.Alert.warning;
import static io.sagaz.monitoring.Rule.Area.POSTGRES;

import io.sagaz.monitoring.Rule.Alert;
import java.time.Duration;
import java.util.List;

/**
 * Servers and replication. A replica that receives nothing may say of itself that it is not behind; so how far it is behind is
 * what the primary says, and how many replicas there should be is how many servers are scraped.
 */
final class PostgresAlerts {
    private PostgresAlerts() {}

    static List<Alert> all() {
        return List.of(
                critical("SagazServerDown", POSTGRES, Duration.ofMinutes(1), "sagaz_db_up == 0")
                        .says(
                                "PostgreSQL server {{ $labels.server }} does not answer",
                                "The exporter beside {{ $labels.server }} of {{ $labels.cluster }} cannot log in to"
                                        + " it."),
                warning("SagazTargetMissing", POSTGRES, Duration.ofMinutes(5), "up{job=~\"sagaz-.+\"} == 0")
                        .says(
                                "{{ $labels.instance }} cannot be scraped",
                                "Prometheus gets no metrics from {{ $labels.instance }} ({{ $labels.job }}): nobody"
                                        + " knows how it is."),
                critical("SagazNoPrimary", POSTGRES, Duration.ofMinutes(1), """
                    count by (cluster) (up{job="sagaz-postgres"})
                    unless count by (cluster) (sagaz_db_server_in_recovery == 0)
                    """)
                        .says(
                                "{{ $labels.cluster }} has no primary",
                                "None of the {{ $value }} servers of {{ $labels.cluster }} takes writes."),
                critical(
                                "SagazSeveralPrimaries",
                                POSTGRES,
                                Duration.ofSeconds(30),
                                "count by (cluster) (sagaz_db_server_in_recovery == 0) > 1")
                        .says(
                                "{{ $labels.cluster }} has several primaries",
                                "{{ $value }} servers of {{ $labels.cluster }} take writes: what is written to all but"
                                        + " one will be lost."),
                critical("SagazNoReplica", POSTGRES, Duration.ofMinutes(2), """
                    sum by (cluster) (sagaz_db_server_standbys) == 0
                    and on (cluster) count by (cluster) (up{job="sagaz-postgres"}) > 1
                    """)
                        .says(
                                "No replica of {{ $labels.cluster }} streams",
                                "The primary of {{ $labels.cluster }} sends its log to nobody: if it is lost now, so is"
                                        + " what was written since."),
                warning("SagazReplicaMissing", POSTGRES, Duration.ofMinutes(2), """
                    count by (cluster) (up{job="sagaz-postgres"}) - 1
                    > on (cluster) sum by (cluster) (sagaz_db_server_standbys)
                    """)
                        .says(
                                "A replica of {{ $labels.cluster }} does not stream",
                                "Of the {{ $value }} replicas of {{ $labels.cluster }} that are scraped, not all"
                                        + " stream."),
                warning("SagazReplicaLagging", POSTGRES, Duration.ofMinutes(1), behind("30s"))
                        .says(
                                "{{ $labels.standby }} is more than 30 seconds behind",
                                "{{ $labels.standby }} at {{ $labels.address }} has not replayed {{ $value |"
                                        + " humanize1024 }}B of what {{ $labels.cluster }} had written 30 seconds ago."),
                critical("SagazReplicaFarBehind", POSTGRES, Duration.ofMinutes(1), behind("2m"))
                        .says(
                                "{{ $labels.standby }} is more than 2 minutes behind",
                                "{{ $labels.standby }} at {{ $labels.address }} has not replayed {{ $value |"
                                        + " humanize1024 }}B of what {{ $labels.cluster }} had written 2 minutes ago."),
                warning("SagazSlotInactive", POSTGRES, Duration.ofMinutes(5), "sagaz_db_slot_active == 0")
                        .says(
                                "Nobody reads from replication slot {{ $labels.slot }}",
                                "{{ $labels.server }} keeps its log for {{ $labels.slot }}, from which nobody reads:"
                                        + " its disk fills."),
                critical("SagazSlotNearLimit", POSTGRES, Duration.ofMinutes(1), """
                    sagaz_db_slot_retained_bytes
                    / (sagaz_db_slot_retained_bytes + sagaz_db_slot_left_bytes) > 0.8
                    """)
                        .says(
                                "Replication slot {{ $labels.slot }} is about to be given up",
                                "{{ $labels.server }} keeps {{ $value | humanizePercentage }} of the log that"
                                        + " max_slot_wal_keep_size allows for {{ $labels.slot }}."),
                critical("SagazSlotLost", POSTGRES, Duration.ZERO, "sagaz_db_slot_lost == 1")
                        .says(
                                "Replication slot {{ $labels.slot }} is lost",
                                "{{ $labels.server }} has removed log that the replica of {{ $labels.slot }} still"
                                        + " needs: it must be made anew."),
                warning(
                                "SagazConnectionsNearLimit",
                                POSTGRES,
                                Duration.ofMinutes(5),
                                "sagaz_db_server_connections / sagaz_db_server_max_connections > 0.9")
                        .says(
                                "{{ $labels.server }} has few connections left",
                                "{{ $value | humanizePercentage }} of the connections of {{ $labels.server }} are in"
                                        + " use."),
                warning(
                                "SagazTransactionOpenLong",
                                POSTGRES,
                                Duration.ofMinutes(1),
                                "sagaz_db_server_oldest_transaction_seconds > 1800")
                        .says(
                                "A transaction on {{ $labels.server }} has been open for long",
                                "The oldest transaction on {{ $labels.server }} has been open for {{ $value |"
                                        + " humanizeDuration }}."),
                warning("SagazVacuumHeldBack", POSTGRES, Duration.ofMinutes(15), "sagaz_db_horizon_transactions > 10e6")
                        .says(
                                "A {{ $labels.kind }} keeps dead rows on {{ $labels.server }}",
                                "The oldest {{ $labels.kind }} looks back {{ $value | humanize }} transactions: VACUUM"
                                        + " removes nothing younger."),
                critical(
                                "SagazTransactionIdsRunOut",
                                POSTGRES,
                                Duration.ofMinutes(10),
                                "sagaz_db_server_oldest_xid_age > 1e9")
                        .says(
                                "{{ $labels.server }} runs out of transaction ids",
                                "The oldest id on {{ $labels.server }} that is not frozen is {{ $value | humanize }}"
                                        + " transactions old; at 2 G it stops."));
    }

    /** Log that the primary had written so long ago and that a standby has not replayed, by the primary's word. */
    private static String behind(String offset) {
        return """
            max by (cluster) (sagaz_db_server_wal_position_bytes offset %s)
            - on (cluster) group_right () sagaz_db_standby_replayed_bytes > 0
            """.formatted(offset);
    }
}
