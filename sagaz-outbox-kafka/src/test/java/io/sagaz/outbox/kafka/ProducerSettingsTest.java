package io.sagaz.outbox.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.producer.RoundRobinPartitioner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProducerSettingsTest {
    private static final Map<String, Object> BROKERS = Map.of("bootstrap.servers", "127.0.0.1:9092");

    @Test
    void whatIsLeftOutKeepsThePromise() {
        assertThat(ProducerSettings.of(BROKERS))
                .containsEntry("acks", "all")
                .containsEntry("enable.idempotence", "true")
                .containsEntry("max.block.ms", 2_000)
                .containsEntry("request.timeout.ms", 10_000)
                .containsEntry("delivery.timeout.ms", 20_000)
                .containsEntry("bootstrap.servers", "127.0.0.1:9092");
    }

    @Test
    void whatIsGivenIsTaken() {
        Map<String, Object> given = new HashMap<>(BROKERS);
        given.put("acks", -1);
        given.put("max.block.ms", "500");
        given.put("compression.type", "zstd");
        assertThat(ProducerSettings.of(given)).containsAllEntriesOf(given);
    }

    @ParameterizedTest
    @CsvSource({
        "acks,1",
        "acks,0",
        "enable.idempotence,false",
        "retries,0",
        "max.in.flight.requests.per.connection,6",
        "max.block.ms,60001",
        "max.block.ms,soon",
        "delivery.timeout.ms,300001",
        "partitioner.ignore.keys,true",
        "transactional.id,orders",
        "key.serializer,org.apache.kafka.common.serialization.StringSerializer",
        "value.serializer,org.apache.kafka.common.serialization.StringSerializer"
    })
    void whatBreaksThePromiseIsRefusedByNameAndValueWithARemedy(String setting, String value) {
        Map<String, Object> given = new HashMap<>(BROKERS);
        given.put(setting, value);
        assertThatThrownBy(() -> ProducerSettings.of(given))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(setting + " is " + value + " but must be")
                .hasMessageContaining("Leave it out");
    }

    @Test
    void aPartitionerThatIgnoresKeysIsRefusedAsAClassToo() {
        Map<String, Object> given = new HashMap<>(BROKERS);
        given.put("partitioner.class", RoundRobinPartitioner.class);
        assertThatThrownBy(() -> ProducerSettings.of(given)).hasMessageContaining("partitioner.class is");
    }

    @Test
    void allThatIsWrongIsSaidAtOnce() {
        assertThatThrownBy(() -> ProducerSettings.of(Map.of("acks", "1", "retries", 0)))
                .hasMessageContaining("bootstrap.servers is missing")
                .hasMessageContaining("acks is 1")
                .hasMessageContaining("retries is 0");
    }

    @Test
    void aDeliveryMustHaveTimeForOneRequest() {
        Map<String, Object> given = new HashMap<>(BROKERS);
        given.put("delivery.timeout.ms", 5_000);
        assertThatThrownBy(() -> ProducerSettings.of(given))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("delivery.timeout.ms is 5000 but must be at least request.timeout.ms (10000)")
                .hasMessageContaining("set a request.timeout.ms");
        given.put("request.timeout.ms", 3_000);
        assertThat(ProducerSettings.of(given)).containsEntry("delivery.timeout.ms", 5_000);
    }
}
