package io.sagaz.outbox.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagaz.outbox.BrokerUnavailableException;
import io.sagaz.outbox.EventRefusedException;
import io.sagaz.outbox.OutgoingEvent;
import io.sagaz.storage.CausalToken;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.StoredEvent;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class KafkaEventPublisherTest {
    private final MockProducer<byte[], byte[]> producer =
            new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());

    @Test
    void theCallersProducerIsNotClosed() {
        KafkaEventPublisher publisher = KafkaEventPublisher.of(producer, "/orders");
        publisher
                .publish(event())
                .toCompletableFuture()
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
        publisher.close();
        assertThat(producer.closed()).isFalse();
        assertThat(producer.history()).hasSize(1);
    }

    @Test
    void whatTheLookUpOfATopicSaysIsSaidOfTheEvent() {
        KafkaEventPublisher publisher = KafkaEventPublisher.of(producer, "/orders");
        producer.partitionsForException = new TopicAuthorizationException("orders");
        assertThat(failure(publisher)).isInstanceOf(EventRefusedException.class).hasMessageContaining("Allow");
        producer.partitionsForException = new SaslAuthenticationException("password");
        assertThat(failure(publisher)).isInstanceOf(BrokerUnavailableException.class);
        producer.partitionsForException = null;
        publisher
                .publish(event())
                .toCompletableFuture()
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }

    @Test
    void whatSendThrowsFailsTheStage() {
        KafkaEventPublisher publisher = KafkaEventPublisher.of(producer, "/orders");
        producer.sendException = new IllegalStateException("in an error state");
        assertThat(failure(publisher)).isInstanceOf(BrokerUnavailableException.class);
        producer.sendException = null;
        publisher
                .publish(event())
                .toCompletableFuture()
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }

    @Test
    void aProducerOfItsOwnIsReplacedWhenItIsBeyondRecovery() {
        MockProducer<byte[], byte[]> next =
                new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
        Iterator<Producer<byte[], byte[]>> made =
                List.<Producer<byte[], byte[]>>of(producer, next).iterator();
        try (KafkaEventPublisher publisher = KafkaEventPublisher.making(made::next, "/orders")) {
            producer.sendException = new ClusterAuthorizationException("no IdempotentWrite");
            assertThat(failure(publisher)).isInstanceOf(BrokerUnavailableException.class);
            publisher
                    .publish(event())
                    .toCompletableFuture()
                    .orTimeout(10, TimeUnit.SECONDS)
                    .join();
            assertThat(next.history()).hasSize(1);
        }
        assertThat(next.closed()).isTrue();
    }

    @Test
    void aProducerOfItsOwnIsKeptThroughWhatPasses() {
        Iterator<Producer<byte[], byte[]>> made =
                List.<Producer<byte[], byte[]>>of(producer).iterator();
        try (KafkaEventPublisher publisher = KafkaEventPublisher.making(made::next, "/orders")) {
            producer.sendException = new TimeoutException("gone");
            assertThat(failure(publisher)).isInstanceOf(BrokerUnavailableException.class);
            producer.sendException = new RecordTooLargeException("2 MB");
            assertThat(failure(publisher)).isInstanceOf(EventRefusedException.class);
            producer.sendException = null;
            publisher
                    .publish(event())
                    .toCompletableFuture()
                    .orTimeout(10, TimeUnit.SECONDS)
                    .join();
        }
        assertThat(producer.history()).hasSize(1);
    }

    @Test
    void aSourceIsNeeded() {
        assertThatThrownBy(() -> KafkaEventPublisher.of(producer, " "))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("KafkaEventPublisher.source");
        assertThatThrownBy(() -> KafkaEventPublisher.connect(Map.of("bootstrap.servers", "127.0.0.1:9092"), ""))
                .hasMessageContaining("KafkaEventPublisher.source");
    }

    private static Throwable failure(KafkaEventPublisher publisher) {
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        publisher.publish(event()).whenComplete((done, e) -> failure.complete(e));
        return failure.orTimeout(10, TimeUnit.SECONDS).join();
    }

    private static OutgoingEvent event() {
        OutboxEvent event = OutboxEvent.to("orders").key("42").json("{}");
        return new OutgoingEvent(
                new StoredEvent(
                        event.id(),
                        event.createdAt(),
                        1,
                        Optional.empty(),
                        event.topic(),
                        event.key(),
                        event.type(),
                        event.payload(),
                        event.headers()),
                new CausalToken(1, 1, 1));
    }
}
