package io.sagaz.monitoring;

import static io.sagaz.monitoring.Rule.Alert.critical;
import static io.sagaz.monitoring.Rule.Alert.warning;
import static io.sagaz.monitoring.Rule.Area.PGBOUNCER;

import io.sagaz.monitoring.Rule.Alert;
import java.time.Duration;
import java.util.List;

/** Poolers. */
final class PgBouncerAlerts {
    private PgBouncerAlerts() {}

    static List<Alert> all() {
        return List.of(
                critical("SagazPoolerDown", PGBOUNCER, Duration.ofMinutes(1), "sagaz_pgbouncer_up == 0")
                        .says(
                                "PgBouncer {{ $labels.pool }} does not answer",
                                "The exporter at {{ $labels.instance }} cannot log in to PgBouncer {{ $labels.pool }}"
                                        + " of {{ $labels.cluster }}."),
                warning(
                                "SagazPoolNearlyFull",
                                PGBOUNCER,
                                Duration.ofMinutes(5),
                                "sagaz_pgbouncer_pool_saturation >= 0.9")
                        .says(
                                "Pool {{ $labels.pool }} of {{ $labels.database }} is nearly full",
                                "{{ $value | humanizePercentage }} of the server connections that {{ $labels.user }}"
                                        + " may have through {{ $labels.pool }} are in use."),
                critical("SagazPoolQueue", PGBOUNCER, Duration.ofMinutes(1), "sagaz_pgbouncer_longest_wait_seconds > 5")
                        .says(
                                "Clients of pool {{ $labels.pool }} wait",
                                "The first client in the queue of {{ $labels.pool }} for {{ $labels.database }} has"
                                        + " waited {{ $value | humanizeDuration }}."));
    }
}
