package io.sagaz.bench.outbox;

import io.sagaz.bench.Stage;
import io.sagaz.bench.load.OpenLoop;
import io.sagaz.bench.measure.Rounds;
import io.sagaz.bench.measure.Series;
import io.sagaz.bench.outbox.OutboxSizes.Rate;
import io.sagaz.bench.report.Section;
import io.sagaz.outbox.OutboxRelay;
import io.sagaz.storage.log.OutboxLog;
import io.sagaz.storage.log.RelayStart;
import io.sagaz.storage.postgres.RoutingSagaStore;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** How long an event takes to the publisher, while events come at times that are fixed. */
final class SteadyMeasurement {
    private static final String RELAY = "steady";
    private static final CompletionStage<Void> DONE = CompletableFuture.completedFuture(null);
    /** What is due at the very end is emitted after it. */
    private static final double ROOM = 1.2;

    private static final long MORE_ROOM = 1_000;
    private static final int CONNECTIONS_OF_RELAY = 2;
    private static final double MILLIS_OF_A_SECOND = 1_000;

    private final Stage stage;
    private final OutboxSizes.Steady sizes;
    private final Series<Cell> millis = new Series<>();

    /** What is told of a round. */
    enum Part {
        /** From when it was due. */
        DUE_P50,
        /** Likewise. */
        DUE_P99,
        /** From when its commit had come back. */
        COMMIT_P50,
        /** Likewise. */
        COMMIT_P99;

        /** Never nothing, which a time from the commit may be. */
        boolean isFromDue() {
            return this == DUE_P50 || this == DUE_P99;
        }
    }

    private record Cell(Rate rate, Wake wake, Part part) {}

    SteadyMeasurement(Stage stage, OutboxSizes.Steady sizes) {
        this.stage = stage;
        this.sizes = sizes;
    }

    List<Section> measure() throws SQLException, InterruptedException {
        for (Rate rate : sizes.rates()) {
            OutboxTables.empty(stage);
            for (int round = 0; round < sizes.rounds().total(); round++) {
                for (Wake wake : Wake.values()) {
                    stage.progress()
                            .step(rate.perSecond() + " events/s, round " + (round + 1) + " of "
                                    + sizes.rounds().total() + ": " + wake.title());
                    boolean warm = round >= sizes.rounds().warmUps();
                    Journey journey = run(rate, wake, warm ? rate.length() : sizes.warmUp());
                    if (warm) {
                        add(rate, wake, journey);
                    }
                }
            }
        }
        OutboxTables.empty(stage);
        return new SteadySections(this, sizes).sections();
    }

    private void add(Rate rate, Wake wake, Journey journey) {
        double[] fromDue = journey.fromDue().percentileMillis(0.5, 0.99);
        double[] fromCommit = journey.fromCommit().percentileMillis(0.5, 0.99);
        millis.add(new Cell(rate, wake, Part.DUE_P50), fromDue[0]);
        millis.add(new Cell(rate, wake, Part.DUE_P99), fromDue[1]);
        millis.add(new Cell(rate, wake, Part.COMMIT_P50), fromCommit[0]);
        millis.add(new Cell(rate, wake, Part.COMMIT_P99), fromCommit[1]);
    }

    private Journey run(Rate rate, Wake wake, Duration length) throws SQLException, InterruptedException {
        stage.administer("CHECKPOINT");
        Journey journey =
                new Journey((int) (MORE_ROOM + ROOM * rate.perSecond() * length.toMillis() / MILLIS_OF_A_SECOND));
        try (RoutingSagaStore relaying = wake.open(stage, sizes.writers() + CONNECTIONS_OF_RELAY);
                OutboxRelay relay = relay(relaying.outboxLog(), journey)) {
            relay.start();
            Remainder untaken = () -> OutboxLog.SHARDS - relay.shards();
            untaken.awaitNone();
            if (wake.isOneProcess()) {
                emit(relaying, rate, journey, length);
            } else {
                try (RoutingSagaStore emitting = wake.open(stage, sizes.writers())) {
                    emit(emitting, rate, journey, length);
                }
            }
        } finally {
            OutboxTables.forget(stage, RELAY);
        }
        return journey;
    }

    private static OutboxRelay relay(OutboxLog log, Journey journey) {
        return OutboxRelay.builder(log)
                .name(RELAY)
                .startAt(RelayStart.now())
                .publisher(outgoing -> {
                    journey.published(Events.number(outgoing.event().payload()));
                    return DONE;
                })
                .build();
    }

    private void emit(RoutingSagaStore store, Rate rate, Journey journey, Duration length)
            throws SQLException, InterruptedException {
        int each = rate.each();
        try (OpenLoop load = new OpenLoop(sizes.writers(), (double) rate.perSecond() / each, (number, due) -> {
            int first = Math.toIntExact(number * each);
            if (journey.hasRoom(first + each)) {
                journey.due(first, each, due);
                store.emit(Events.of(first, each));
                journey.committed(first, each);
            }
        })) {
            Thread.sleep(length.toMillis());
            var unused = load.stop();
            Remainder left = journey::underWay;
            left.awaitNone();
        }
    }

    /** Milliseconds. */
    Rounds millis(Rate rate, Wake wake, Part part) {
        return millis.of(new Cell(rate, wake, part));
    }
}
