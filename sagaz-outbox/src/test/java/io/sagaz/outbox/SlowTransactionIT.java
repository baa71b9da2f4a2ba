package io.sagaz.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** A transaction that stays open for long while others commit all the time. */
class SlowTransactionIT {
    /** {@code -Dsagaz.slow.seconds=60} for the long run. */
    private static final int SECONDS = Integer.getInteger("sagaz.slow.seconds", 2);

    @Test
    void itsEventIsDeliveredInTheEndAndOthersAreNotKeptWaiting() throws Exception {
        Broker broker = new Broker();
        try (RelayStand stand = RelayStand.open();
                OutboxRelay relay = stand.relay(broker).build().start();
                Connection slow = stand.connect()) {
            slow.setAutoCommit(false);
            stand.store().join(slow).emit(List.of(RelayStand.event("slow", 1)));
            int number = 2;
            long longest = 0;
            long end = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
            while (System.nanoTime() < end) {
                int next = number++;
                long emitted = System.nanoTime();
                stand.emit("others", next);
                while (broker.last() != next) {
                    LockSupport.parkNanos(100_000);
                    assertThat(System.nanoTime() - emitted)
                            .as("event %d came within a minute", next)
                            .isLessThan(Duration.ofMinutes(1).toNanos());
                }
                longest = Math.max(longest, System.nanoTime() - emitted);
            }
            assertThat(broker.has(1)).isFalse();
            int others = broker.size();
            slow.commit();
            RelayStand.await("the late one has arrived", () -> broker.has(1));
            System.out.printf(
                    "open for %d s: %d events of others arrived meanwhile, the slowest %.1f ms after its emission began%n",
                    SECONDS, others, longest / 1e6);
            assertThat(others).isEqualTo(number - 2);
            assertThat(relay.shards()).isEqualTo(64);
        }
    }
}
