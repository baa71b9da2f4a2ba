package io.sagaz.bench.partitions;

import io.sagaz.bench.Stage;
import io.sagaz.bench.measure.Rounds;
import io.sagaz.bench.measure.Timing;
import io.sagaz.bench.measure.Waits;
import io.sagaz.bench.measure.Waits.Window;
import io.sagaz.bench.report.Result;
import io.sagaz.bench.report.Section;
import io.sagaz.bench.report.Unit;
import io.sagaz.bench.report.Words;
import io.sagaz.migrations.MaintenanceReport;
import io.sagaz.migrations.PartitionAction.Kind;
import io.sagaz.migrations.PartitionMaintenance;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * How long a maintenance takes that has old partitions to take away, and how long writers wait meanwhile. After each
 * maintenance comes a stretch of the same length without one, with the same traffic, for comparison.
 */
final class MaintenanceMeasurement {
    private static final double MOST_SECONDS = 10;
    private static final double MOST_MILLIS_OF_WAIT = 100;

    /** Whoever waited for the maintenance is done by then. */
    private static final long PAUSE_MILLIS = 300;

    private final Stage stage;
    private final PartitionSizes.Upkeep sizes;

    /** The two ways in which a maintenance can work. */
    private enum Way {
        OWNER(
                "maintenance by the owner, past the pooler",
                "as the owner of the tables on a connection to the server, where it detaches concurrently",
                "Each detaching waits for the reader, whose transaction uses saga_executions; most of the time is that."),
        SERVICE(
                "maintenance by a service, through the pooler",
                "as a service through PgBouncer-RW, where it takes the whole table for a moment",
                "It gets saga_executions only when the reader's transaction ends within one of its waits of 50 ms, tries"
                        + " for a minute, and leaves the rest to the next maintenance.");

        private final String title;
        private final String how;
        private final String meaning;

        Way(String title, String how, String meaning) {
            this.title = title;
            this.how = how;
            this.meaning = meaning;
        }

        PartitionMaintenance maintenance(Stage stage) {
            return PartitionMaintenance.of(
                    this == OWNER ? stage.asOwner(UpkeepSchema.NAME) : stage.asService(UpkeepSchema.NAME));
        }
    }

    /** One maintenance with something to do, and the stretch without one. */
    private record Run(Window busy, Window quiet, int dropped) {}

    MaintenanceMeasurement(Stage stage, PartitionSizes.Upkeep sizes) {
        this.stage = stage;
        this.sizes = sizes;
    }

    List<Section> measure() throws SQLException, InterruptedException {
        stage.progress().step("Making a schema with a year of partitions to maintain");
        UpkeepSchema schema = new UpkeepSchema(stage, sizes);
        schema.make();
        Map<Way, List<Run>> runs = new EnumMap<>(Way.class);
        Waits waits;
        try (Traffic traffic = new Traffic(stage, sizes.renewal())) {
            for (int round = 0; round < sizes.rounds() && !traffic.hasFailed(); round++) {
                for (Way way : Way.values()) {
                    stage.progress()
                            .step("Timing the " + way.title + ", round " + (round + 1) + " of " + sizes.rounds());
                    schema.makeExpired();
                    runs.computeIfAbsent(way, any -> new ArrayList<>()).add(run(way));
                }
            }
            waits = traffic.stop();
        }
        List<Section> sections = new ArrayList<>();
        for (Map.Entry<Way, List<Run>> entry : runs.entrySet()) {
            sections.add(section(entry.getKey(), entry.getValue(), idle(entry.getKey()), waits));
        }
        schema.drop();
        return sections;
    }

    private Run run(Way way) throws InterruptedException {
        PartitionMaintenance maintenance = way.maintenance(stage);
        long begin = System.nanoTime();
        MaintenanceReport report = maintenance.run();
        Window busy = new Window(begin, System.nanoTime());
        if (!report.of(Kind.FAIL).isEmpty() || !report.of(Kind.BUSY).isEmpty()) {
            throw new IllegalStateException("The maintenance went wrong: " + report.actions());
        }
        int dropped = report.of(Kind.DROP).size();
        stage.progress()
                .note(dropped + " partitions taken away in " + Words.millis(Timing.millis(busy.nanos()))
                        + "; now as long without");
        Thread.sleep(PAUSE_MILLIS);
        long quiet = System.nanoTime();
        Thread.sleep(Math.max(1, Math.round(Timing.millis(busy.nanos()))));
        Window undisturbed = new Window(quiet, System.nanoTime());
        if (dropped < UpkeepSchema.EXPIRED) {
            // What was in somebody's way and is left for later shall not be in the way of the next round.
            Way.OWNER.maintenance(stage).run();
        }
        return new Run(busy, undisturbed, dropped);
    }

    /** With nothing to do. */
    private Rounds idle(Way way) {
        stage.progress().step("Timing the " + way.title + " with nothing to do");
        PartitionMaintenance maintenance = way.maintenance(stage);
        maintenance.run();
        List<Double> millis = new ArrayList<>();
        for (int round = 0; round < sizes.rounds(); round++) {
            long begin = System.nanoTime();
            maintenance.run();
            millis.add(Timing.millis(System.nanoTime() - begin));
        }
        return new Rounds(millis);
    }

    private Section section(Way way, List<Run> runs, Rounds idle, Waits waits) {
        Rounds seconds = rounds(runs, run -> Timing.millis(run.busy().nanos()) / 1_000);
        Result whole = Result.median("with " + UpkeepSchema.EXPIRED + " partitions to take away", Unit.SECONDS, seconds)
                .shouldBe(
                        "less than 10 s in each round",
                        result -> result.rounds().max() < MOST_SECONDS);
        Result dropped = Result.min("taken away", Unit.PARTITIONS, rounds(runs, Run::dropped))
                .shouldBe("all in each round", result -> result.value() >= UpkeepSchema.EXPIRED);
        Result quietLongest = Result.max(
                "longest wait, without",
                Unit.MILLIS,
                rounds(runs, run -> waits.during(run.quiet()).longestMillis()));
        Result longest = Result.max(
                        "longest wait, with maintenance",
                        Unit.MILLIS,
                        rounds(runs, run -> waits.during(run.busy()).longestMillis()))
                .against(quietLongest)
                .inPicture()
                .shouldBe("at most 100 ms in each round", result -> result.value() <= MOST_MILLIS_OF_WAIT);
        Result quietP99 = Result.median(
                "p99 of the waits, without",
                Unit.MILLIS,
                rounds(runs, run -> waits.during(run.quiet()).p99Millis()));
        Result p99 = Result.median(
                        "p99 of the waits, with maintenance",
                        Unit.MILLIS,
                        rounds(runs, run -> waits.during(run.busy()).p99Millis()))
                .against(quietP99)
                .inPicture();
        long statements =
                runs.stream().mapToLong(run -> waits.during(run.busy()).count()).sum();
        return new Section(
                way.title,
                "`PartitionMaintenance.run()` " + way.how + ". There are the partitions of a year: 19 months of"
                        + " executions, steps and audit log, of which " + UpkeepSchema.EXPIRED_MONTHS
                        + " have expired, with " + Words.count(sizes.monthRows())
                        + " sagas each; and 43 days of outbox, of"
                        + " which " + UpkeepSchema.EXPIRED_DAYS + " have expired, with " + Words.count(sizes.dayRows())
                        + " events each. Meanwhile " + Traffic.WRITERS + " writers insert single events and sagas, one"
                        + " writer keeps transactions open for " + Traffic.TRANSACTION.toMillis()
                        + " ms, all through PgBouncer-RW, and a reader has a transaction open on another partition of"
                        + " saga_executions, which it renews every "
                        + sizes.renewal().toMillis() + " ms. A wait is the"
                        + " duration of a writer's statement, commits included, that was under way during the"
                        + " maintenance. The stretches without one are as long as it was.",
                List.of(
                        whole,
                        Result.median("with nothing to do", Unit.MILLIS, idle),
                        dropped,
                        longest,
                        quietLongest,
                        p99,
                        quietP99),
                "Of " + UpkeepSchema.EXPIRED + " expired partitions at least " + Math.round(dropped.value())
                        + " were gone after each run. " + way.meaning + " Among " + Words.count(statements)
                        + " statements during maintenance the longest took " + Words.millis(longest.value())
                        + ", without maintenance " + Words.millis(quietLongest.value()) + ".");
    }

    private static Rounds rounds(List<Run> runs, ToDoubleFunction<Run> number) {
        return new Rounds(runs.stream().map(number::applyAsDouble).toList());
    }
}
