package com.example.shop;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.outbox.InProcessPublisher;
import io.sagaz.outbox.OutboxRelay;
import io.sagaz.outbox.OutgoingEvent;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.memory.InMemorySagaStore;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Without a database: milliseconds. */
class OrderSagaTest {
    private final InMemorySagaStore store = new InMemorySagaStore();
    private final Purse purse = new Purse(1_000);
    private final OrderSaga orders = new OrderSaga(store, store.reads(), purse);

    @Test
    void anOrderIsPaid() {
        SagaId id = orders.place("42", 500);
        assertThat(orders.run(id)).isEqualTo(SagaStatus.SUCCESS);
        assertThat(purse.charged("42")).isEqualTo(500);
    }

    @Test
    void whatCannotBePaidIsGivenBack() {
        SagaId id = orders.place("43", 5_000);
        assertThat(orders.run(id)).isEqualTo(SagaStatus.COMPENSATED);
        assertThat(purse.charged("43")).isZero();
    }

    @Test
    void theSameNumberIsTheSameOrder() {
        assertThat(orders.place("42", 500)).isEqualTo(orders.place("42", 500));
    }

    @Test
    void everyoneHearsOfItInOrder() throws Exception {
        try (InProcessPublisher broker = new InProcessPublisher();
                OutboxRelay relay = OutboxRelay.builder(store.outboxLog())
                        .publisher(broker)
                        .build()
                        .start()) {
            orders.run(orders.place("42", 500));

            List<OutgoingEvent> heard = broker.awaitCount(3, Duration.ofSeconds(30));
            assertThat(heard)
                    .extracting(event -> event.event().type().orElseThrow())
                    .containsExactly("placed", "reserved", "paid");
        }
    }
}
