package io.sagaz.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sagaz.storage.StoreException;
import io.sagaz.storage.log.EventSource;
import io.sagaz.storage.log.OutboxBatch;
import io.sagaz.storage.log.OutboxLog;
import io.sagaz.storage.log.RelayMember;
import io.sagaz.storage.log.RelayMember.Acknowledgement;
import io.sagaz.storage.log.RelayStart;
import io.sagaz.storage.log.Shares;
import io.sagaz.testkit.Await;
import io.sagaz.testkit.Topology;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Who has lost a shard, or a primary that has lost its memory, is found out before anything is taken for published. */
class FencingIT {
    private static final Duration LEASE = Duration.ofSeconds(1);

    /** Fault X-49 of the reference deployment: a worker whose claim was released overwrote the new owner's event. */
    @Test
    void x49WhoCameTooLateCannotAcknowledge() throws Exception {
        try (RelayStand stand = RelayStand.open()) {
            OutboxLog log = stand.store().outboxLog();
            log.register("r", RelayStart.beginning());
            stand.emit("k", 1);
            RelayMember slow = log.join("r", "slow", LEASE, EventSource.PRIMARY);
            slow.keep(0);
            OutboxBatch batch = slow.next(10, 1_000).orElseThrow();

            RelayMember next = log.join("r", "next", LEASE, EventSource.PRIMARY);
            Await.until(
                    "the lease is over and the other takes the shards",
                    () -> next.keep(0).shards() > 0);
            OutboxBatch again = next.next(10, 1_000).orElseThrow();
            assertThat(again.events()).isEqualTo(batch.events());

            assertThat(slow.acknowledge(batch, List.of())).isEqualTo(Acknowledgement.FENCED);
            assertThat(next.acknowledge(again, List.of())).isEqualTo(Acknowledgement.NOTED);
            assertThat(slow.next(10, 1_000)).as("it has nothing any more").isEmpty();
        }
    }

    @Test
    void aRelayThatStoodStillBeyondItsLeasePublishesNothingMoreAndIsCounted() throws Exception {
        try (RelayStand stand = RelayStand.open()) {
            InProcessPublisher broker = new InProcessPublisher();
            SimpleMeterRegistry meters = new SimpleMeterRegistry();
            broker.hold();
            try (OutboxRelay standing = stand.relay(broker)
                    .instance("standing")
                    .lease(Duration.ofMinutes(5))
                    .meterRegistry(meters)
                    .build()
                    .start()) {
                Await.until("it has all", () -> standing.shards() == 64);
                stand.emit("k", 1);
                stand.emit("k", 2);
                broker.awaitHeld(1, Duration.ofMinutes(1));
                // As if its process had stood still: its lease is over, and somebody else has taken its shards.
                stand.sql("UPDATE {s}.saga_outbox_cursors SET lease_until = now() - interval '1 second'");
                stand.sql("UPDATE {s}.saga_outbox_members SET alive_until = now() - interval '1 second'");
                InProcessPublisher others = new InProcessPublisher();
                try (OutboxRelay next =
                        stand.relay(others).instance("next").build().start()) {
                    Await.until(
                            "the other has published both",
                            () -> others.published().size() == 2);
                    assertThat(next.shards()).isEqualTo(64);
                    broker.release();
                    Await.until(
                            "its late acknowledgement is refused and counted",
                            () -> meters.get(RelayMeterNames.REJECTED).counter().count() == 1);
                    assertThat(others.published().size()).isEqualTo(2);
                }
            }
        }
    }

    @Test
    void afterACrashOfThePrimaryNothingIsTakenForPublishedThatItHasForgotten() throws Exception {
        try (Topology topology = Topology.builder().replicas(1).start();
                RelayStand stand = RelayStand.on(topology)) {
            OutboxLog log = stand.store().outboxLog();
            log.register("r", RelayStart.beginning());
            RelayMember member = log.join("r", "one", Duration.ofMinutes(1), EventSource.PRIMARY);
            member.keep(0);
            stand.emit("k", 1);
            OutboxBatch before = member.next(10, 1_000).orElseThrow();
            topology.faults().killPrimary();
            topology.faults().startPrimary();
            Await.until("the primary answers", () -> {
                stand.emit("k", 2);
                return true;
            });
            assertThat(member.acknowledge(before, List.of())).isEqualTo(Acknowledgement.CRASHED);
            Shares shares = member.keep(0);
            assertThat(shares.shards()).isEqualTo(64);
            Optional<OutboxBatch> after = member.next(10, 1_000);
            assertThat(after.orElseThrow().events()).hasSize(2);
            assertThat(member.acknowledge(after.get(), List.of())).isEqualTo(Acknowledgement.NOTED);
            assertThat(member.next(10, 1_000)).isEmpty();
        }
    }

    @Test
    void aRelayThatComesFromAnotherClusterWithoutItsSequenceRefusesToWork() throws Exception {
        try (RelayStand stand = RelayStand.open()) {
            OutboxLog log = stand.store().outboxLog();
            log.register("r", RelayStart.beginning());
            for (int i = 0; i < 3; i++) {
                stand.emit("k", i);
            }
            // As logical replication leaves it: the rows are there, the sequence is not.
            stand.sql("UPDATE {s}.saga_outbox_cursors SET system_identifier = 1");
            stand.sql("SELECT setval('{s}.saga_outbox_seq', 1, false)");
            RelayMember member = log.join("r", "one", Duration.ofMinutes(1), EventSource.PRIMARY);

            assertThatThrownBy(() -> member.keep(0))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("saga_outbox_seq")
                    .hasMessageContaining("docs/operations/upgrade.md");

            stand.sql("SELECT setval('{s}.saga_outbox_seq', (SELECT max(seq) FROM {s}.saga_outbox))");
            assertThat(member.keep(0).restarted()).isEqualTo(64);
            stand.emit("k", 3);
            assertThat(member.next(10, 1_000).orElseThrow().events()).hasSize(4);
        }
    }

    @Test
    void whatWasAcknowledgedIsPassedOverByWhoeverTakesOver() throws Exception {
        try (RelayStand stand = RelayStand.open()) {
            OutboxLog log = stand.store().outboxLog();
            log.register("r", RelayStart.beginning());
            for (int i = 0; i < 10; i++) {
                stand.emit("k" + i, i);
            }
            RelayMember first = log.join("r", "first", LEASE, EventSource.PRIMARY);
            first.keep(0);
            OutboxBatch batch = first.next(4, 1 << 20).orElseThrow();
            assertThat(batch.events()).hasSize(4);
            assertThat(first.acknowledge(batch, List.of())).isEqualTo(Acknowledgement.NOTED);
            OutboxBatch lost = first.next(4, 1 << 20).orElseThrow();

            RelayMember second = log.join("r", "second", LEASE, EventSource.PRIMARY);
            Await.until("it takes over", () -> second.keep(0).shards() > 0);
            OutboxBatch rest = second.next(100, 1 << 20).orElseThrow();
            assertThat(rest.events()).as("from within the window").hasSize(6).containsAll(lost.events());
            assertThat(second.acknowledge(rest, List.of())).isEqualTo(Acknowledgement.NOTED);
            assertThat(second.next(100, 1 << 20)).isEmpty();
            assertThat(stand.count("SELECT max(lease_epoch) FROM {s}.saga_outbox_cursors"))
                    .isEqualTo(2);
        }
    }
}
