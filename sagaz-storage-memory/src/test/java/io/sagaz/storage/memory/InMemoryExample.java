package io.sagaz.storage.memory;

import static io.sagaz.storage.SagaStatus.RUNNING;

import io.sagaz.outbox.InProcessPublisher;
import io.sagaz.outbox.OutboxRelay;
import io.sagaz.storage.ClaimRequest;
import io.sagaz.storage.ClaimedSaga;
import io.sagaz.storage.Lease;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaId;
import io.sagaz.testkit.TestClock;
import java.time.Duration;
import java.util.List;

/** A test without a database, for docs/contracts.md: what stands between the two marks stands there. */
final class InMemoryExample {
    private InMemoryExample() {}

    static List<ClaimedSaga> run(TestClock clock) {
        InProcessPublisher broker = new InProcessPublisher();
        // begin
        InMemorySagaStore store = new InMemorySagaStore(clock); // a java.time.Clock that your test moves
        Lease mine = new Lease("host-1", Duration.ofMinutes(2));
        SagaId id =
                store.start(NewSaga.named("order").steps("charge").lease(mine)).id();
        OutboxEvent charged = OutboxEvent.to("orders").json("{\"charged\": true}");
        store.apply(id, 1, SagaChange.to(RUNNING).emit(charged));

        try (OutboxRelay relay =
                OutboxRelay.builder(store.outboxLog()).publisher(broker).build()) {
            relay.start();
            broker.awaitCount(1, Duration.ofSeconds(10)); // a real relay, an InProcessPublisher
        }

        clock.advance(Duration.ofMinutes(2)); // host-1 is gone, as far as anybody can tell
        return store.claimAbandoned(ClaimRequest.by("host-2", Duration.ofMinutes(2)));
        // end
    }
}
