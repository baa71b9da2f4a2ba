package io.sagaz.monitoring;

import static io.sagaz.monitoring.Rule.Alert.critical;
import static io.sagaz.monitoring.Rule.Alert.warning;
import static io.sagaz.monitoring.Rule.Area.OUTBOX;

import io.sagaz.monitoring.Rule.Alert;
import java.time.Duration;
import java.util.List;

/** The outbox and its relays, by what the database says: it does so also while no relay runs. */
final class OutboxAlerts {
    private OutboxAlerts() {}

    static List<Alert> all() {
        return List.of(
                warning("SagazOutboxLagHigh", OUTBOX, Duration.ofMinutes(10), "sagaz_db_outbox_unpublished > 500")
                        .says(
                                "Relay {{ $labels.relay }} is behind",
                                "{{ $value }} events or more are not published by {{ $labels.relay }}."),
                critical("SagazOutboxStalled", OUTBOX, Duration.ofMinutes(1), "sagaz_db_outbox_oldest_seconds > 300")
                        .says(
                                "Events of relay {{ $labels.relay }} are not published",
                                "The oldest event that {{ $labels.relay }} has not published is {{ $value |"
                                        + " humanizeDuration }} old."),
                critical("SagazRelayGone", OUTBOX, Duration.ofMinutes(1), "sagaz_db_outbox_unseen_seconds > 120")
                        .says(
                                "No instance of relay {{ $labels.relay }} is at work",
                                "An instance of {{ $labels.relay }} was seen last {{ $value | humanizeDuration }} ago:"
                                        + " its events wait, and their partitions are kept."),
                critical(
                                "SagazBrokerDown",
                                OUTBOX,
                                Duration.ofMinutes(2),
                                "max by (cluster, service, relay) (" + Meters.BROKER_DOWN + ") == 1")
                        .says(
                                "Relay {{ $labels.relay }} cannot reach its broker",
                                "Instances of {{ $labels.relay }} in {{ $labels.service }} wait for the broker; no"
                                        + " attempt counts meanwhile."),
                warning("SagazDeadLetters", OUTBOX, Duration.ZERO, "delta(sagaz_db_outbox_dead_letters[15m]) > 0")
                        .says(
                                "Relay {{ $labels.relay }} gives events up",
                                "{{ $labels.relay }} has made dead letters within 15 minutes."),
                critical("SagazDLQDepthHigh", OUTBOX, Duration.ofMinutes(2), "sagaz_db_outbox_dead_letters > 100")
                        .says(
                                "Relay {{ $labels.relay }} has many dead letters",
                                "{{ $value }} events of {{ $labels.relay }} were given up, and nobody has looked after"
                                        + " them."));
    }
}
