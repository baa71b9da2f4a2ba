package io.sagaz.monitoring;

import static io.sagaz.monitoring.Rule.Alert.critical;
import static io.sagaz.monitoring.Rule.Alert.warning;
import static io.sagaz.monitoring.Rule.Area.SAGAS;

import io.sagaz.monitoring.Rule.Alert;
import java.time.Duration;
import java.util.List;

/** Sagas, and what services see of the store. */
final class SagaAlerts {
    private SagaAlerts() {}

    static List<Alert> all() {
        return List.of(
                critical("SagazSagaFailureRateHigh", SAGAS, Duration.ofMinutes(5), share("failed", "15m") + " > 0.01")
                        .says(
                                "Sagas {{ $labels.saga_name }} fail",
                                "{{ $value | humanizePercentage }} of the sagas {{ $labels.saga_name }} that ended"
                                        + " within 15 minutes failed."),
                warning(
                                "SagazCompensationRateHigh",
                                SAGAS,
                                Duration.ofMinutes(5),
                                share("compensated", "5m") + " > 0.05")
                        .says(
                                "Sagas {{ $labels.saga_name }} are compensated",
                                "{{ $value | humanizePercentage }} of the sagas {{ $labels.saga_name }} that ended"
                                        + " within 5 minutes were compensated."),
                warning(
                                "SagazExecutionLatencyHigh",
                                SAGAS,
                                Duration.ofMinutes(5),
                                "sagaz_db_saga_duration_p99_seconds > 5")
                        .says(
                                "Sagas {{ $labels.saga_name }} take long",
                                "One in a hundred sagas {{ $labels.saga_name }} takes {{ $value | humanizeDuration }}"
                                        + " or more."),
                warning(
                                "SagazSagasAbandoned",
                                SAGAS,
                                Duration.ofMinutes(5),
                                "sum by (cluster, saga_name) (sagaz_db_saga_abandoned) > 0")
                        .says(
                                "Sagas {{ $labels.saga_name }} have no worker",
                                "{{ $value }} unfinished sagas {{ $labels.saga_name }} have a lease that has run out,"
                                        + " and nobody takes them over."),
                critical("SagazStoreWritesFail", SAGAS, Duration.ofMinutes(2), """
                    sum by (cluster, service) (rate(%1$s_count{outcome=~"failed|.+exception"}[5m]))
                    / sum by (cluster, service) (rate(%1$s_count[5m])) > 0.01
                    """.formatted(Meters.WRITES))
                        .says(
                                "Writes of {{ $labels.service }} fail",
                                "{{ $value | humanizePercentage }} of the writes of {{ $labels.service }} end in an"
                                        + " exception."),
                warning(
                                "SagazReadsRejected",
                                SAGAS,
                                Duration.ofMinutes(5),
                                "sum by (cluster, service) (rate(" + Meters.READS_REJECTED + "[5m])) > 0")
                        .says(
                                "Reads of {{ $labels.service }} are sent away",
                                "{{ $value | humanize }} reads a second of {{ $labels.service }} are refused as"
                                        + " ReplicaTooStale: no replica is fresh enough for them, and the primary is"
                                        + " spared."),
                warning(
                                "SagazFallbackFull",
                                SAGAS,
                                Duration.ofMinutes(5),
                                Meters.PRIMARY_READS + " / " + Meters.PRIMARY_READS_MAX + " > 0.9")
                        .says(
                                "Reads of {{ $labels.service }} crowd on the primary",
                                "{{ $value | humanizePercentage }} of the places for reads that no replica could answer"
                                        + " are taken in {{ $labels.instance }}."),
                warning(
                                "SagazServicePoolWaits",
                                SAGAS,
                                Duration.ofMinutes(2),
                                "hikaricp_connections_pending{pool=~\"sagaz-.+\"} > 0")
                        .says(
                                "Threads of {{ $labels.service }} wait for a connection",
                                "{{ $value }} threads of {{ $labels.instance }} wait for a connection of its pool {{"
                                        + " $labels.pool }}."));
    }

    /** The share of an outcome among the sagas of a kind that ended; kinds of which none ended have none. */
    private static String share(String outcome, String span) {
        return """
            sum by (cluster, saga_name) (avg_over_time(sagaz_db_saga_outcome_last_5m{outcome="%s"}[%s]))
            / sum by (cluster, saga_name) (avg_over_time(sagaz_db_saga_outcome_last_5m[%s]))\
            """.formatted(outcome, span, span);
    }
}
