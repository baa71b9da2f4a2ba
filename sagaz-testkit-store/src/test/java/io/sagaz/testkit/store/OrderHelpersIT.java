package io.sagaz.testkit.store;

import static io.sagaz.storage.ReadConsistency.strong;
import static io.sagaz.storage.SagaStatus.FAILED;
import static io.sagaz.storage.SagaStatus.SUCCESS;
import static io.sagaz.testkit.assertj.SagazAssertions.assertThatEvents;
import static io.sagaz.testkit.assertj.SagazAssertions.assertThatSaga;
import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.outbox.EventPublisher;
import io.sagaz.outbox.OutboxRelay;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.PageRequest;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.StepStatus;
import io.sagaz.storage.postgres.RoutingSagaStore;
import io.sagaz.testkit.Await;
import io.sagaz.testkit.Ledger;
import io.sagaz.testkit.TestDatabase;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

// begin
@SagazStore
class OrderHelpersIT {
    @Test
    void anOrderIsPaidInTheEnd(RoutingSagaStore store) {
        SagaId id = store.start(NewSaga.named("order").steps("charge")).id();
        CompletableFuture<Void> service = CompletableFuture.runAsync(() -> OrderService.pay(store, id)); // yours

        Await.until("the order is finished", () -> OrderService.isFinished(store, id));

        assertThatSaga(store.reads().find(id)).hasStatus(SUCCESS).step("charge").hasStatus(StepStatus.SUCCESS);
        assertThatEvents(store.reads().events(id, PageRequest.first(10)).value().items())
                .toTopic("orders")
                .haveTypes("paid");
        service.join();
    }

    @Test
    void eachOrderArrivesOnceAndInItsOrder(RoutingSagaStore store) {
        Ledger ledger = new Ledger();
        EventPublisher broker = event -> {
            ledger.arrive(
                    event.orderingKey(), Long.parseLong(event.event().headers().get("number")));
            return CompletableFuture.completedFuture(null);
        };
        try (OutboxRelay relay =
                OutboxRelay.builder(store.outboxLog()).publisher(broker).build()) {
            relay.start();
            for (int i = 0; i < 100; i++) {
                OutboxEvent placed = OutboxEvent.to("orders")
                        .key("customer-" + i % 7)
                        .json("{}")
                        .header("number", Integer.toString(i));
                store.start(NewSaga.named("order").emit(placed));
                ledger.promise("customer-" + i % 7, i); // its commit was acknowledged
            }
            ledger.awaitPromised(Duration.ofMinutes(1)).assertExactlyOnce().assertInOrder();
        }
    }

    @Test
    void aYearOfOrdersIsCountedByStatus(RoutingSagaStore store, TestDatabase database) throws SQLException {
        SagaHistory.Made year = SagaHistory.of(1_000).share(FAILED, 0.02).writeTo(database);

        assertThat(store.reads(strong()).countByStatus(SagaFilter.all()).value())
                .containsAllEntriesOf(year.sagas())
                .containsEntry(FAILED, 20L);
    }
}
// end
