package com.example.shop;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.mapping;

import io.sagaz.outbox.InProcessPublisher;
import io.sagaz.outbox.OutboxRelay;
import io.sagaz.outbox.OutgoingEvent;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.Saga;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.postgres.PoolConfig;
import io.sagaz.storage.postgres.RoutingSagaStore;
import io.sagaz.testkit.Credentials;
import io.sagaz.testkit.Topology;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;

/** A shop on a topology of the testkit: takes six orders, says what everyone hears of them, and loses its replica for a while. */
final class Shop {
    private static final int ORDERS = 6;
    private static final int EVENTS_EACH = 3;

    private Shop() {}

    public static void main(String[] arguments) {
        try (Topology topology =
                        Topology.builder().progress(System.out::println).start();
                RoutingSagaStore store = RoutingSagaStore.builder()
                        .write(pool(topology.rwUrl(), topology.app()))
                        .read(pool(topology.roUrl(), topology.reader()))
                        .direct(pool(topology.primaryUrl(), topology.owner()))
                        .build();
                InProcessPublisher broker = new InProcessPublisher();
                OutboxRelay relay =
                        OutboxRelay.builder(store.outboxLog()).publisher(broker).build()) {
            relay.start();
            OrderSaga orders = new OrderSaga(store, store.reads(ReadConsistency.strong()), new Purse(1_000));

            for (int i = 1; i <= ORDERS; i++) {
                orders.run(orders.place("2026-" + i, i * 200));
            }
            tell(broker.awaitCount(ORDERS * EVENTS_EACH, Duration.ofMinutes(1)));

            topology.awaitReplicas(Duration.ofMinutes(1));
            var ended =
                    store.reads(ReadConsistency.atMost(Duration.ofSeconds(5))).countByStatus(SagaFilter.named("order"));
            System.out.println("All orders: " + ended.value().get(SagaStatus.SUCCESS) + " paid, "
                    + ended.value().get(SagaStatus.COMPENSATED) + " cancelled, says the "
                    + ended.receipt().source() + ", at most "
                    + ended.receipt().staleness().orElseThrow().toMillis() + " ms behind");

            topology.faults().pauseReplay(0);
            SagaId late = orders.place("2026-7", 100);
            orders.run(late);
            tell("The replica stands still", store, late);
            topology.faults().resumeReplay(0);
            topology.awaitReplicas(Duration.ofMinutes(1));
            tell("The replica goes on", store, late);
        }
    }

    private static void tell(List<OutgoingEvent> heard) {
        heard.stream()
                .collect(groupingBy(
                        OutgoingEvent::orderingKey,
                        TreeMap::new,
                        mapping(event -> event.event().type().orElseThrow(), joining(", "))))
                .forEach((order, events) -> System.out.println("Order " + order + ": " + events));
    }

    private static void tell(String what, RoutingSagaStore store, SagaId id) {
        var order = store.reads().find(id);
        System.out.println(what + ": order 2026-7 is "
                + order.value().map(Saga::status).orElseThrow() + ", says the "
                + order.receipt().source());
    }

    private static PoolConfig pool(String url, Credentials as) {
        return PoolConfig.of(url, as.user(), as.password());
    }
}
