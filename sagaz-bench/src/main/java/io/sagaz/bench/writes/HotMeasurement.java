package io.sagaz.bench.writes;

import io.sagaz.bench.Stage;
import io.sagaz.bench.load.Load;
import io.sagaz.bench.load.Order;
import io.sagaz.bench.measure.Rounds;
import io.sagaz.bench.report.Result;
import io.sagaz.bench.report.Section;
import io.sagaz.bench.report.Unit;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** How many of the updates of Sagaz touch no index, by the statistics of PostgreSQL. */
final class HotMeasurement {
    private static final int CALLERS = 4;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long LOOK_MILLIS = 50;
    private static final List<Workload> WORKLOADS = List.of(Workload.STEP, Workload.UNENDED, Workload.WHOLE);
    private static final List<String> TABLES = List.of("saga_executions", "saga_steps");
    private static final String COUNTS = """
            SELECT coalesce(sum(n_tup_upd), 0) || ' ' || coalesce(sum(n_tup_hot_upd), 0)
              FROM pg_partition_tree('%s') tree JOIN pg_stat_user_tables USING (relid)
             WHERE isleaf
            """;

    private final Stage stage;
    private final WriteSizes sizes;
    private final Stock stock;

    HotMeasurement(Stage stage, WriteSizes sizes, Stock stock) {
        this.stage = stage;
        this.sizes = sizes;
        this.stock = stock;
    }

    /** What PostgreSQL has counted so far. */
    private record Counts(long updates, long hot) {
        static Counts parse(String text) {
            String[] parts = text.split(" ", -1);
            return new Counts(Long.parseLong(parts[0]), Long.parseLong(parts[1]));
        }

        double shareSince(Counts before) {
            return (double) (hot - before.hot) / (updates - before.updates);
        }
    }

    Section measure() throws SQLException, InterruptedException {
        stage.progress().step("Counting updates that touch no index");
        List<Result> results = new ArrayList<>();
        for (Workload workload : WORKLOADS) {
            List<List<Double>> shares = List.of(new ArrayList<>(), new ArrayList<>());
            for (int round = 0; round < sizes.counted().rounds(); round++) {
                round(workload, shares);
                stage.progress().at("round", round + 1L, sizes.counted().rounds());
            }
            for (int i = 0; i < TABLES.size(); i++) {
                Result share =
                        Result.min(workload.title() + ", " + TABLES.get(i), Unit.SHARE, new Rounds(shares.get(i)));
                results.add(
                        workload == Workload.WHOLE
                                ? share
                                : share.shouldBe(
                                        "at least " + WriteTargets.HOT + " in each round",
                                        result -> result.value() >= WriteTargets.HOT));
            }
        }
        return new Section(
                "updates that touch no index",
                "`n_tup_hot_upd` divided by `n_tup_upd` of all partitions, of Sagaz: direct, " + CALLERS + " callers, "
                        + perCaller() * CALLERS + " calls in a round.",
                results,
                "Indexed is what does not change before the end of a saga. Its last change takes it out of the index of"
                        + " those that are at work: of the three changes of a whole saga, one touches an index. The new"
                        + " version of a row must also find room on its page. The sagas of \""
                        + Workload.STEP.title()
                        + "\" were made many at a time, as when many start before the first goes on;"
                        + " their pages are full of steps that are yet to grow by an output.");
    }

    private long perCaller() {
        return Math.max(1, sizes.sagas() / CALLERS);
    }

    private void round(Workload workload, List<List<Double>> shares) throws SQLException, InterruptedException {
        long calls = perCaller() * CALLERS;
        stock.fillUp(calls + (long) CALLERS * Order.STEPS.size());
        List<Counts> before = new ArrayList<>();
        for (String table : TABLES) {
            before.add(counts(table));
        }
        // Closed before it is looked at: the server adds up what a session has done at the latest when that ends.
        try (SagazContender sagaz = new SagazContender(stage.past(), CALLERS, stock)) {
            var unused = Load.counted(CALLERS, perCaller()).run(() -> sagaz.caller(workload));
        }
        for (int i = 0; i < TABLES.size(); i++) {
            Counts after = await(TABLES.get(i), before.get(i).updates() + calls * workload.changes());
            shares.get(i).add(after.shareSince(before.get(i)));
        }
    }

    private Counts await(String table, long updates) throws SQLException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        Counts counts = counts(table);
        while (counts.updates() < updates) {
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException("PostgreSQL has counted " + counts.updates() + " updates of " + table
                        + " and not the " + updates + " that there were");
            }
            Thread.sleep(LOOK_MILLIS);
            counts = counts(table);
        }
        return counts;
    }

    private Counts counts(String table) throws SQLException {
        return Counts.parse(stage.ask(COUNTS.formatted(table)));
    }
}
