package io.sagaz.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.testkit.Ledger;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A transaction that stays open for long while others commit all the time. */
class SlowTransactionIT {
    /** {@code -Dsagaz.slow.seconds=60} for the long run. */
    private static final int SECONDS = Integer.getInteger("sagaz.slow.seconds", 2);

    private static final Duration A_MINUTE = Duration.ofMinutes(1);

    @Test
    void itsEventIsDeliveredInTheEndAndOthersAreNotKeptWaiting() throws Exception {
        Ledger ledger = new Ledger();
        try (RelayStand stand = RelayStand.open();
                OutboxRelay relay =
                        stand.relay(RelayStand.noting(ledger)).build().start();
                Connection slow = stand.connect()) {
            slow.setAutoCommit(false);
            stand.store().join(slow).emit(List.of(RelayStand.event("slow", 1)));
            int others = 0;
            long longest = 0;
            long end = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
            while (System.nanoTime() < end) {
                long emitted = System.nanoTime();
                stand.emit("others", others);
                ledger.promise("others", others);
                others++;
                ledger.awaitPromised(A_MINUTE);
                longest = Math.max(longest, System.nanoTime() - emitted);
            }
            ledger.verdict().assertExactlyOnce();
            slow.commit();
            ledger.promise("slow", 1);
            ledger.awaitPromised(A_MINUTE).assertExactlyOnce().assertInOrder();
            System.out.printf(
                    "open for %d s: %d events of others arrived meanwhile, the slowest %.1f ms after its emission began%n",
                    SECONDS, others, longest / 1e6);
            assertThat(relay.shards()).isEqualTo(64);
        }
    }
}
