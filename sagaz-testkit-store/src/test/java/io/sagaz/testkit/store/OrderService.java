package io.sagaz.testkit.store;

import static io.sagaz.storage.SagaStatus.RUNNING;
import static io.sagaz.storage.SagaStatus.SUCCESS;

import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.postgres.RoutingSagaStore;

/** The service that the samples test. */
final class OrderService {
    private OrderService() {}

    static void pay(RoutingSagaStore store, SagaId id) {
        long version = store.apply(id, 1, SagaChange.to(RUNNING)).appliedVersion();
        SagaChange paid = SagaChange.stepSucceeded("charge", "{\"paid\": 10}")
                .andTo(SUCCESS)
                .emit(OutboxEvent.to("orders").type("paid").json("{}"));
        if (store.apply(id, version, paid).appliedVersion() != 3) {
            throw new IllegalStateException("Somebody else has paid " + id);
        }
    }

    static boolean isFinished(RoutingSagaStore store, SagaId id) {
        return store.reads(ReadConsistency.strong())
                .find(id)
                .value()
                .orElseThrow()
                .status()
                .isFinished();
    }
}
