package io.sagaz.testkit.store;

import static io.sagaz.storage.ReadSource.PRIMARY;
import static io.sagaz.storage.SagaStatus.RUNNING;
import static io.sagaz.storage.SagaStatus.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.NewSaga;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.postgres.RoutingSagaStore;
import io.sagaz.testkit.Faults;
import org.junit.jupiter.api.Test;

// begin
@SagazStore
class OrderSagaIT {
    @Test
    void anOrderIsPaid(RoutingSagaStore store) {
        SagaId id = store.start(NewSaga.named("order").steps("charge")).id();

        long version = store.apply(id, 1, SagaChange.to(RUNNING)).appliedVersion();
        store.apply(
                id,
                version,
                SagaChange.stepSucceeded("charge", "{\"paid\": 10}").andTo(SUCCESS));

        var order = store.reads(ReadConsistency.strong()).find(id).value().orElseThrow();
        assertThat(order.status()).isEqualTo(SUCCESS);
    }

    @Test
    void anOrderIsFoundWhileNoReplicaKeepsUp(RoutingSagaStore store, Faults faults) {
        faults.pauseReplay(0);

        SagaId id = store.start(NewSaga.named("order").steps("charge")).id();
        var order = store.reads().find(id);

        assertThat(order.value()).isPresent();
        assertThat(order.receipt().source()).isEqualTo(PRIMARY);
    }
}
// end
