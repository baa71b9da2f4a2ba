package io.sagaz.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.log.RelayStart;
import io.sagaz.testkit.Await;
import io.sagaz.testkit.Ledger;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A process that stands still beyond its lease believes to own its shards when it goes on, as somebody else does by then. */
class PausedRelayIT {
    private static final int BATCH = 200;
    private static final Duration A_MINUTE = Duration.ofMinutes(1);

    @Test
    void theLateAcknowledgementIsRefusedAndNothingIsLostOrOutOfOrder() throws Exception {
        Ledger ledger = new Ledger();
        try (RelayStand stand = RelayStand.open();
                LedgerServer broker = new LedgerServer(ledger)) {
            stand.store().outboxLog().register("default", RelayStart.beginning());
            broker.hold(true);
            try (RelayProcess paused = RelayProcess.start(stand, broker, BATCH)) {
                for (int i = 0; i < 20; i++) {
                    emit(stand, ledger, i);
                }
                ledger.awaitArrived(1, A_MINUTE);
                paused.signal("STOP");
                try (RelayProcess other = RelayProcess.start(stand, broker, BATCH)) {
                    broker.hold(false);
                    for (int i = 20; i < 40; i++) {
                        emit(stand, ledger, i);
                    }
                    // The other takes over.
                    ledger.awaitPromised(A_MINUTE);
                    paused.signal("CONT");
                    Await.until(
                            "the late acknowledgement was refused",
                            () -> paused.hasSaid("came too late with a batch (FENCED)"));
                    for (int i = 40; i < 60; i++) {
                        emit(stand, ledger, i);
                    }
                    Ledger.Verdict verdict = ledger.awaitPromised(A_MINUTE)
                            .assertAtLeastOnce()
                            .assertInOrder()
                            .assertDuplicatesAtMost(BATCH);
                    assertThat(verdict.promised()).isEqualTo(60);
                    assertThat(other.isAlive()).isTrue();
                    System.out.println("60 events, " + verdict.duplicates().size() + " duplicates");
                }
            }
        }
    }

    private static void emit(RelayStand stand, Ledger ledger, int number) {
        String key = "k" + number % 4;
        stand.emit(key, number);
        ledger.promise(key, number);
    }
}
