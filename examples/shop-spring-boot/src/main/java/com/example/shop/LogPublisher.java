package com.example.shop;

import io.sagaz.outbox.EventPublisher;
import io.sagaz.outbox.OutgoingEvent;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Says what happened. Of {@code sagaz-outbox-kafka} it would be a {@code KafkaEventPublisher}. */
@Component
class LogPublisher implements EventPublisher {
    private static final Logger LOG = LoggerFactory.getLogger(LogPublisher.class);

    @Override
    public CompletionStage<Void> publish(OutgoingEvent event) {
        LOG.info("Order {}: {}", event.orderingKey(), event.event().type().orElse("?"));
        return CompletableFuture.completedFuture(null);
    }
}
