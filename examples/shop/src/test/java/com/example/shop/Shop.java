package com.example.shop;

import io.sagaz.outbox.OutboxRelay;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.ReadResult;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.postgres.PoolConfig;
import io.sagaz.storage.postgres.RoutingSagaStore;
import io.sagaz.testkit.Credentials;
import io.sagaz.testkit.Topology;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A shop on a topology of the testkit: takes six orders, and says what everyone hears of them. */
final class Shop {
    private static final int ORDERS = 6;
    private static final int EVENTS_EACH = 3;

    private Shop() {}

    public static void main(String[] arguments) throws InterruptedException {
        CountDownLatch heard = new CountDownLatch(ORDERS * EVENTS_EACH);
        try (Topology topology = Topology.builder().progress(System.out::println).start();
                RoutingSagaStore store = RoutingSagaStore.builder()
                        .write(pool(topology.rwUrl(), topology.app()))
                        .read(pool(topology.roUrl(), topology.reader()))
                        .direct(pool(topology.primaryUrl(), topology.owner()))
                        .build();
                OutboxRelay relay = OutboxRelay.builder(store.outboxLog())
                        .publisher(event -> {
                            System.out.println("  order " + event.orderingKey() + " "
                                    + event.event().type().orElse("?"));
                            heard.countDown();
                            return CompletableFuture.completedFuture(null);
                        })
                        .build()
                        .start()) {
            OrderSaga orders = new OrderSaga(store, store.reads(ReadConsistency.strong()), new Purse(1_000));
            for (int i = 1; i <= ORDERS; i++) {
                orders.run(orders.place("2026-" + i, i * 200));
            }
            if (!heard.await(1, TimeUnit.MINUTES)) {
                throw new IllegalStateException("Not all was heard of within a minute");
            }
            ReadResult<Map<SagaStatus, Long>> ended = store.reads(ReadConsistency.atMost(Duration.ofSeconds(5)))
                    .countByStatus(SagaFilter.named("order"));
            System.out.println("Ended: " + ended.value());
            System.out.println("Says: " + ended.receipt());
        }
    }

    private static PoolConfig pool(String url, Credentials as) {
        return PoolConfig.of(url, as.user(), as.password());
    }
}
