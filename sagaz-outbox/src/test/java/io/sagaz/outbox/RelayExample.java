package io.sagaz.outbox;

import io.micrometer.core.instrument.MeterRegistry;
import io.sagaz.storage.postgres.RoutingSagaStore;

/** A relay, for docs/outbox/relay.md: what stands between the two marks stands there. */
final class RelayExample {
    private RelayExample() {}

    static OutboxRelay run(RoutingSagaStore store, EventPublisher publisher, MeterRegistry registry) {
        // begin
        OutboxRelay relay = OutboxRelay.builder(store.outboxLog())
                .publisher(publisher) // Kafka, RabbitMQ, Redis Streams, or your own: one method
                .meterRegistry(registry)
                .build();
        relay.start();
        // end
        return relay;
    }
}
