package io.sagaz.monitoring;

import io.sagaz.monitoring.Rule.Alert;
import java.util.List;
import java.util.stream.Stream;

/** All alerts. */
final class Alerts {
    private Alerts() {}

    static List<Alert> all() {
        return Stream.of(
                        PostgresAlerts.all(),
                        PgBouncerAlerts.all(),
                        PartitionAlerts.all(),
                        SagaAlerts.all(),
                        OutboxAlerts.all())
                .flatMap(List::stream)
                .toList();
    }
}
