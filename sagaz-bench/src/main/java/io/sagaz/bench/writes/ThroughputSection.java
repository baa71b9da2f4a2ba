package io.sagaz.bench.writes;

import io.sagaz.bench.load.Slice;
import io.sagaz.bench.measure.Rounds;
import io.sagaz.bench.report.Result;
import io.sagaz.bench.report.Section;
import io.sagaz.bench.report.Unit;
import io.sagaz.bench.report.Words;
import io.sagaz.bench.writes.Slices.Cell;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/** How often in a second everybody does one workload on one way. Pure. */
record ThroughputSection(Slices slices, WriteSizes sizes, Workload workload, Way way) {
    Section section() {
        List<Result> results = new ArrayList<>();
        List<String> ofRaw = new ArrayList<>();
        List<String> ofNext = new ArrayList<>();
        for (int callers : sizes.callers()) {
            Result raw = rate(callers, Entrant.PGBENCH);
            Result sagaz = rate(callers, Entrant.SAGAZ).against(raw);
            List<Result> others = new ArrayList<>();
            for (Entrant other : Entrant.others(workload)) {
                Result rate = rate(callers, other).against(raw);
                others.add(rate);
                sagaz = sagaz.against(rate);
            }
            Result next = next(callers);
            results.add(withTarget(callers, sagaz).inPicture());
            results.add(next);
            if (workload.commits() > 1) {
                results.add(transactions(callers).against(raw));
            }
            results.addAll(others);
            results.add(raw);
            ofRaw.add(Words.times(sagaz.ratio()));
            ofNext.add(Words.times(next.value()));
        }
        return new Section(
                workload.title() + ", " + way.words(),
                "How many in a second. "
                        + (workload.commits() > 1
                                ? "Sagaz and hand-written JDBC make " + workload.commits()
                                        + " transactions of one; \"transactions\" counts these. "
                                : "")
                        + "The ratios to pgbench are to its inserts in a second, directly and with prepared statements, with as"
                        + " many callers, in the same round.",
                results,
                "With " + Words.list(sizes.callers()) + " callers Sagaz does it " + Words.list(ofRaw)
                        + " times as often as pgbench inserts a row, and " + Words.list(ofNext)
                        + " times as often as whoever comes closest.");
    }

    private Result withTarget(int callers, Result sagaz) {
        OptionalDouble target = WriteTargets.rate(workload, way, callers);
        return target.isEmpty()
                ? sagaz
                : sagaz.shouldBe(
                        "at least " + Words.times(target.getAsDouble()) + " of pgbench",
                        result -> result.ratio() >= target.getAsDouble());
    }

    /** Sagaz divided by the fastest of the others. */
    private Result next(int callers) {
        Rounds fastest = Entrant.others(workload).stream()
                .map(other -> rates(callers, other))
                .max(Comparator.comparingDouble(Rounds::median))
                .orElseThrow();
        return Result.median(
                        Words.callers(callers) + ", Sagaz to the fastest other",
                        Unit.TIMES,
                        rates(callers, Entrant.SAGAZ).dividedBy(fastest))
                .shouldBe("more than everybody else", result -> result.value() > 1);
    }

    private Result transactions(int callers) {
        Rounds whole = rates(callers, Entrant.SAGAZ);
        List<Double> transactions = IntStream.range(0, whole.count())
                .mapToObj(round -> whole.values().get(round) * workload.commits())
                .toList();
        return Result.median(
                Words.callers(callers) + ", Sagaz, transactions", Unit.PER_SECOND, new Rounds(transactions));
    }

    private Result rate(int callers, Entrant entrant) {
        return Result.median(Words.callers(callers) + ", " + entrant.title(), Unit.PER_SECOND, rates(callers, entrant));
    }

    private Rounds rates(int callers, Entrant entrant) {
        Way measured = entrant == Entrant.PGBENCH ? Way.DIRECT : way;
        return slices.of(new Cell(callers, workload, measured, entrant), Slice::perSecond);
    }
}
