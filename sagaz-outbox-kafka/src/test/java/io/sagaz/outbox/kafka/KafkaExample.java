package io.sagaz.outbox.kafka;

import java.util.Map;

/** A publisher for docs/outbox/publishers.md: what stands between the two marks stands there. */
final class KafkaExample {
    private KafkaExample() {}

    static KafkaEventPublisher publisher(String brokers) {
        // begin
        KafkaEventPublisher publisher = KafkaEventPublisher.connect(Map.of("bootstrap.servers", brokers), "/orders");
        // end
        return publisher;
    }
}
