package io.sagaz.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.testkit.Await;
import io.sagaz.testkit.Topology;
import java.sql.Connection;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The oldest and the newest server that are supported: what a relay asks of snapshots, counters and unlogged tables is the same. */
class RelayVersionsIT {
    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void aRelayPublishesThroughACrashAndAFailover(int version) throws Exception {
        InProcessPublisher broker = new InProcessPublisher();
        try (Topology topology =
                        Topology.builder().postgres(version).replicas(1).start();
                RelayStand stand = RelayStand.on(topology);
                OutboxRelay relay = stand.relay(broker).build().start()) {
            for (int i = 0; i < 100; i++) {
                stand.emit("k" + i % 10, i);
            }
            Await.until("all have arrived", () -> broker.published().size() == 100);
            try (Connection slow = stand.connect()) {
                slow.setAutoCommit(false);
                stand.store().join(slow).emit(List.of(RelayStand.event("slow", 100)));
                stand.emit("quick", 101);
                Await.until("the quick one has arrived", () -> Numbers.isPublished(broker, 101));
                slow.commit();
            }
            Await.until("the slow one has arrived", () -> Numbers.isPublished(broker, 100));

            topology.faults().killPrimary();
            topology.faults().startPrimary();
            Await.passes("the primary takes events again", () -> stand.emit("after", 102));
            Await.until("the relay goes on after a crash", () -> Numbers.isPublished(broker, 102));

            topology.faults().switchOver(0);
            topology.faults().pointWritePoolerAtReplica(0);
            Await.passes("the new primary takes events", () -> stand.emit("after", 103));
            Await.until("the relay goes on after a switchover", () -> Numbers.isPublished(broker, 103));
            assertThat(relay.shards()).isEqualTo(64);
            for (int i = 0; i < 10; i++) {
                assertThat(Numbers.published(broker, "k" + i)).isSorted().hasSize(10);
            }
        }
    }
}
