package io.sagaz.bench.outbox;

import io.sagaz.bench.Stage;
import io.sagaz.bench.load.OpenLoop;
import io.sagaz.bench.measure.Rounds;
import io.sagaz.bench.measure.Series;
import io.sagaz.bench.measure.Timing;
import io.sagaz.bench.measure.Waits;
import io.sagaz.bench.measure.Waits.Window;
import io.sagaz.bench.report.Section;
import io.sagaz.migrations.PartitionAction.Kind;
import io.sagaz.migrations.PartitionMaintenance;
import io.sagaz.storage.postgres.RoutingSagaStore;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** How long it takes until old events are gone, and how long those wait who emit events meanwhile. */
final class RetentionMeasurement {
    /** The shortest stretch without a removal that is looked at. */
    private static final Duration QUIET = Duration.ofSeconds(1);

    private final Stage stage;
    private final OutboxSizes.Retention sizes;
    private final OldEvents old;
    private final PartitionMaintenance maintenance;
    private final Series<Cell> millis = new Series<>();

    /** What is looked at. */
    enum Part {
        /** From begin to end. */
        TIME,
        /** Of the writers, while events are removed. */
        P99,
        /** Likewise. */
        LONGEST,
        /** Of the writers, before. */
        QUIET_P99
    }

    private record Cell(Removal removal, Part part) {}

    RetentionMeasurement(Stage stage, OutboxSizes.Retention sizes) {
        this.stage = stage;
        this.sizes = sizes;
        old = new OldEvents(stage, sizes);
        maintenance = PartitionMaintenance.of(stage.asOwner("public"));
    }

    Section measure() throws SQLException, InterruptedException {
        OutboxTables.empty(stage);
        maintenance.run();
        try (RoutingSagaStore store = Stores.open(stage, sizes.writers())) {
            for (int round = 0; round < sizes.rounds().total(); round++) {
                for (Removal removal : Removal.values()) {
                    stage.progress()
                            .step("Old events, round " + (round + 1) + " of "
                                    + sizes.rounds().total() + ": " + removal.title());
                    old.make();
                    stage.settle();
                    run(store, removal, round >= sizes.rounds().warmUps());
                }
            }
        }
        OutboxTables.empty(stage);
        return new RetentionSection(this, sizes).section();
    }

    private void run(RoutingSagaStore store, Removal removal, boolean counts)
            throws SQLException, InterruptedException {
        try (OpenLoop load =
                new OpenLoop(sizes.writers(), sizes.perSecond(), (number, due) -> store.emit(Events.of(number, 1)))) {
            Thread.sleep(QUIET.toMillis());
            long quiet = System.nanoTime();
            Thread.sleep(QUIET.toMillis());
            long begin = System.nanoTime();
            switch (removal) {
                case DROP -> drop();
                case DELETE -> old.delete();
            }
            long end = System.nanoTime();
            Waits waits = load.stop();
            if (counts) {
                Waits.Figures busy = waits.during(new Window(begin, end));
                millis.add(new Cell(removal, Part.TIME), Timing.millis(end - begin));
                millis.add(new Cell(removal, Part.P99), busy.p99Millis());
                millis.add(new Cell(removal, Part.LONGEST), busy.longestMillis());
                millis.add(
                        new Cell(removal, Part.QUIET_P99),
                        waits.during(new Window(quiet, begin)).p99Millis());
            }
        }
        if (removal == Removal.DELETE) {
            drop();
        }
    }

    /** Returns when all of them are gone: autovacuum, whom rows that were deleted attract, may still be at one of them. */
    private void drop() throws SQLException {
        AtomicInteger gone = new AtomicInteger();
        Remainder left = () -> {
            gone.addAndGet(maintenance.run().of(Kind.DROP).size());
            return (long) sizes.partitions() - gone.get();
        };
        left.awaitNone();
    }

    /** Milliseconds. */
    Rounds millis(Removal removal, Part part) {
        return millis.of(new Cell(removal, part));
    }
}
