package io.sagaz.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.CrashPoints.Point;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.testkit.CrashPlan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
        Broker broker = new Broker();
        fails(point, broker, broker);
    }

    /** The broker's answers come on a thread of its own, as real ones do, and it is that thread that fails after them. */
    @ParameterizedTest
    @EnumSource(
            value = Point.class,
            names = {"BEFORE_PUBLISH", "AFTER_PUBLISH", "BEFORE_CURSOR", "AFTER_CURSOR"})
    void aRelayThatFailsWhileItWaitsForAnswersBeginsAnew(Point point) {
        Broker broker = new Broker();
        ExecutorService answers = Executors.newSingleThreadExecutor();
        try {
            fails(point, broker, event -> broker.publish(event).thenRunAsync(() -> {}, answers));
        } finally {
            answers.shutdownNow();
        }
    }

    private static void fails(Point point, Broker broker, EventPublisher publisher) {
        try (RelayStand stand = RelayStand.open()) {
            emit(stand);
            CrashPlan plan = CrashPlan.killThread(point).onTime(time(point));
            try (OutboxRelay relay = stand.relay(publisher)
                    .batchEvents(BATCH)
                    .crashPoints(plan)
                    .build()
                    .start()) {
                RelayStand.await("all have arrived", () -> arrived(broker) == EVENTS);
                RelayStand.await("nothing is left to be published", () -> unpublished(stand) == 0);
                assertThat(relay.shards()).isPositive();
            }
            assertThat(plan.hasStruck()).isTrue();
            for (int key = 0; key < KEYS; key++) {
                assertThat(broker.numbers("k" + key)).as("key %s", key).isSorted();
            }
            assertThat(broker.size() - EVENTS).as("duplicates").isLessThanOrEqualTo(BATCH);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Point.class,
            names = {"BEFORE_PUBLISH", "AFTER_PUBLISH", "BEFORE_CURSOR", "AFTER_CURSOR"})
    void anotherProcessGoesOnForTheOneThatIsKilled(Point point) throws Exception {
        try (RelayStand stand = RelayStand.open();
                LedgerServer ledger = new LedgerServer()) {
            Map<String, List<Integer>> expected = emit(stand);
            try (RelayProcess doomed = RelayProcess.startDoomed(stand, ledger, BATCH, point, time(point))) {
                assertThat(doomed.exitStatus()).as("as killed").isEqualTo(137);
            }
            int before = ledger.distinct();
            assertThat(before).as("in the middle of it").isBetween(1, EVENTS - 1);
            try (RelayProcess next = RelayProcess.start(stand, ledger, BATCH)) {
                RelayStand.await("all have arrived", () -> ledger.distinct() == EVENTS);
                RelayStand.await("nothing is left to be published", () -> unpublished(stand) == 0);
                assertThat(next.isAlive()).isTrue();
            }
            assertThat(ledger.firstArrivals()).isEqualTo(expected);
            assertThat(ledger.duplicates()).isLessThanOrEqualTo(BATCH);
        }
    }

    private static Map<String, List<Integer>> emit(RelayStand stand) {
        Map<String, List<Integer>> numbers = new HashMap<>();
        List<OutboxEvent> events = new ArrayList<>();
        for (int number = 0; number < EVENTS; number++) {
            String key = "k" + number % KEYS;
            numbers.computeIfAbsent(key, first -> new ArrayList<>()).add(number);
            events.add(RelayStand.event(key, number).header("n", Integer.toString(number)));
        }
        stand.store().emit(events);
        return numbers;
    }

    private static long arrived(Broker broker) {
        return broker.arrivals().stream().map(Broker.Arrival::number).distinct().count();
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
