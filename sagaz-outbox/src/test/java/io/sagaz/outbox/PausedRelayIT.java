package io.sagaz.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.log.RelayStart;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A process that stands still beyond its lease believes to own its shards when it goes on, as somebody else does by then. */
class PausedRelayIT {
    private static final int BATCH = 200;

    @Test
    void theLateAcknowledgementIsRefusedAndNothingIsLostOrOutOfOrder() throws Exception {
        try (RelayStand stand = RelayStand.open();
                LedgerServer ledger = new LedgerServer()) {
            stand.store().outboxLog().register("default", RelayStart.beginning());
            ledger.hold(true);
            try (RelayProcess paused = RelayProcess.start(stand, ledger, BATCH)) {
                for (int i = 0; i < 20; i++) {
                    emit(stand, i);
                }
                RelayStand.await("an event is at the broker", () -> ledger.distinct() == 1);
                paused.signal("STOP");
                try (RelayProcess other = RelayProcess.start(stand, ledger, BATCH)) {
                    ledger.hold(false);
                    for (int i = 20; i < 40; i++) {
                        emit(stand, i);
                    }
                    RelayStand.await("the other has taken over and published all", () -> ledger.distinct() == 40);
                    paused.signal("CONT");
                    RelayStand.await(
                            "the late acknowledgement was refused",
                            () -> paused.hasSaid("came too late with a batch (FENCED)"));
                    for (int i = 40; i < 60; i++) {
                        emit(stand, i);
                    }
                    RelayStand.await("all have arrived", () -> ledger.distinct() == 60);
                    assertThat(other.isAlive()).isTrue();
                    for (int key = 0; key < 4; key++) {
                        int first = key;
                        assertThat(ledger.firstArrivals().get("k" + key))
                                .containsExactlyElementsOf(IntStream.range(0, 60)
                                        .filter(i -> i % 4 == first)
                                        .boxed()
                                        .toList());
                    }
                    assertThat(ledger.duplicates()).isLessThanOrEqualTo(BATCH);
                    System.out.println("60 events, " + ledger.duplicates() + " duplicates");
                }
            }
        }
    }

    private static void emit(RelayStand stand, int number) {
        stand.store()
                .emit(List.of(OutboxEvent.to("orders")
                        .key("k" + number % 4)
                        .json("{}")
                        .header("n", Integer.toString(number))));
    }
}
