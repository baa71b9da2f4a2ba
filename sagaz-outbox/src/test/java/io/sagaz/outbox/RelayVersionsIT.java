package io.sagaz.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.StoreException;
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
        Broker broker = new Broker();
        try (Topology topology =
                        Topology.builder().postgres(version).replicas(1).start();
                RelayStand stand = RelayStand.on(topology);
                OutboxRelay relay = stand.relay(broker).build().start()) {
            for (int i = 0; i < 100; i++) {
                stand.emit("k" + i % 10, i);
            }
            RelayStand.await("all have arrived", () -> broker.size() == 100);
            try (Connection slow = stand.connect()) {
                slow.setAutoCommit(false);
                stand.store().join(slow).emit(List.of(RelayStand.event("slow", 100)));
                stand.emit("quick", 101);
                RelayStand.await("the quick one has arrived", () -> broker.has(101));
                slow.commit();
            }
            RelayStand.await("the slow one has arrived", () -> broker.has(100));

            topology.faults().killPrimary();
            topology.faults().startPrimary();
            RelayStand.await("the primary takes events again", () -> emitted(stand, 102));
            RelayStand.await("the relay goes on after a crash", () -> broker.has(102));

            topology.faults().switchOver(0);
            topology.faults().pointWritePoolerAtReplica(0);
            RelayStand.await("the new primary takes events", () -> emitted(stand, 103));
            RelayStand.await("the relay goes on after a switchover", () -> broker.has(103));
            assertThat(relay.shards()).isEqualTo(64);
            for (int i = 0; i < 10; i++) {
                assertThat(broker.numbers("k" + i)).isSorted().hasSize(10);
            }
        }
    }

    /** Whoever cannot emit tries again; an event that came anyway has the same number. */
    private static boolean emitted(RelayStand stand, int number) {
        try {
            stand.emit("after", number);
            return true;
        } catch (StoreException e) {
            return false;
        }
    }
}
