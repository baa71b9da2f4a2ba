package io.sagaz.outbox.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.ConnectionFactory;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RabbitEventPublisherTest {
    private final ConnectionFactory factory = new ConnectionFactory();

    @Test
    void badSettingsAreRefusedByNameAndValue() {
        RabbitEventPublisher.Builder builder = RabbitEventPublisher.builder(factory);
        assertThatThrownBy(() -> builder.timeout(Duration.ofMillis(99)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("RabbitEventPublisher.timeout")
                .hasMessageContaining("PT0.099S");
        assertThatThrownBy(() -> builder.maxMessageBytes(0)).hasMessageContaining("maxMessageBytes must be at least 1");
        assertThatThrownBy(() -> builder.addresses(List.of())).hasMessageContaining("addresses");
        assertThatThrownBy(builder::build).hasMessageContaining("RabbitEventPublisher.source");
    }

    @Test
    void theCallersFactoryIsLeftAsItIs() {
        RabbitEventPublisher.builder(factory).source("/orders").build().close();
        assertThat(factory.isAutomaticRecoveryEnabled()).isTrue();
        assertThat(factory.getConnectionTimeout()).isEqualTo(ConnectionFactory.DEFAULT_CONNECTION_TIMEOUT);
    }
}
