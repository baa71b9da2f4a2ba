package io.sagaz.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.CrashPoints.Point;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.testkit.Await;
import io.sagaz.testkit.CrashPlan;
import io.sagaz.testkit.Ledger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A relay fails, or its process is killed, at each boundary of its work: everything arrives, and each key in its order. */
@Timeout(120)
class RelayCrashPointsIT {
    private static final int EVENTS = 300;
    private static final int KEYS = 7;
    private static final int BATCH = 100;
    private static final Duration A_MINUTE = Duration.ofMinutes(1);

    /** In the middle of it: of events, or of the batches that they make. */
    private static int time(Point point) {
        return switch (point) {
            case BEFORE_PUBLISH, AFTER_PUBLISH -> EVENTS / 2;
            default -> 2;
        };
    }

    @ParameterizedTest
    @EnumSource(
            value = Point.class,
            names = {"BEFORE_PUBLISH", "AFTER_PUBLISH", "BEFORE_CURSOR", "AFTER_CURSOR"})
    void aRelayThatFailsBeginsAnew(Point point) {
        Ledger ledger = new Ledger();
        fails(point, ledger, RelayStand.noting(ledger));
    }

    /** The broker's answers come on a thread of its own, as real ones do, and it is that thread that fails after them. */
    @ParameterizedTest
    @EnumSource(
            value = Point.class,
            names = {"BEFORE_PUBLISH", "AFTER_PUBLISH", "BEFORE_CURSOR", "AFTER_CURSOR"})
    void aRelayThatFailsWhileItWaitsForAnswersBeginsAnew(Point point) {
        Ledger ledger = new Ledger();
        EventPublisher broker = RelayStand.noting(ledger);
        ExecutorService answers = Executors.newSingleThreadExecutor();
        try {
            fails(point, ledger, event -> broker.publish(event).thenRunAsync(() -> {}, answers));
        } finally {
            answers.shutdownNow();
        }
    }

    private static void fails(Point point, Ledger ledger, EventPublisher publisher) {
        try (RelayStand stand = RelayStand.open()) {
            emit(stand, ledger);
            CrashPlan plan = CrashPlan.killThread(point).onTime(time(point));
            try (OutboxRelay relay = stand.relay(publisher)
                    .batchEvents(BATCH)
                    .crashPoints(plan)
                    .build()
                    .start()) {
                ledger.awaitPromised(A_MINUTE);
                Await.until("nothing is left to be published", () -> unpublished(stand) == 0);
                assertThat(relay.shards()).isPositive();
            }
            assertThat(plan.hasStruck()).isTrue();
            ledger.verdict().assertAtLeastOnce().assertInOrder().assertDuplicatesAtMost(BATCH);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Point.class,
            names = {"BEFORE_PUBLISH", "AFTER_PUBLISH", "BEFORE_CURSOR", "AFTER_CURSOR"})
    void anotherProcessGoesOnForTheOneThatIsKilled(Point point) throws Exception {
        Ledger ledger = new Ledger();
        try (RelayStand stand = RelayStand.open();
                LedgerServer broker = new LedgerServer(ledger)) {
            emit(stand, ledger);
            try (RelayProcess doomed = RelayProcess.startDoomed(stand, broker, BATCH, point, time(point))) {
                assertThat(doomed.exitStatus()).as("as killed").isEqualTo(137);
            }
            assertThat(ledger.arrived()).as("in the middle of it").isBetween(1, EVENTS - 1);
            try (RelayProcess next = RelayProcess.start(stand, broker, BATCH)) {
                ledger.awaitPromised(A_MINUTE);
                Await.until("nothing is left to be published", () -> unpublished(stand) == 0);
                assertThat(next.isAlive()).isTrue();
            }
            ledger.verdict().assertAtLeastOnce().assertInOrder().assertDuplicatesAtMost(BATCH);
        }
    }

    private static void emit(RelayStand stand, Ledger ledger) {
        List<OutboxEvent> events = new ArrayList<>();
        for (int number = 0; number < EVENTS; number++) {
            events.add(RelayStand.event("k" + number % KEYS, number));
        }
        stand.store().emit(events);
        for (int number = 0; number < EVENTS; number++) {
            ledger.promise("k" + number % KEYS, number);
        }
    }

    /** That it is known to nobody yet is not nothing. */
    private static long unpublished(RelayStand stand) {
        return stand.store()
                .outboxLog()
                .depth("default")
                .map(depth -> depth.unpublished())
                .orElse(-1L);
    }
}
