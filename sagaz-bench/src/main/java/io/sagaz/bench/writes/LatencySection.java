package io.sagaz.bench.writes;

import io.sagaz.bench.load.Slice;
import io.sagaz.bench.report.Result;
import io.sagaz.bench.report.Section;
import io.sagaz.bench.report.Unit;
import io.sagaz.bench.report.Words;
import io.sagaz.bench.writes.Slices.Cell;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** How long everybody takes for one workload on one way. Pure. */
record LatencySection(Slices slices, WriteSizes sizes, Workload workload, Way way) {
    private static final Part MEDIAN = new Part("p50", Slice::p50);
    private static final List<Part> PARTS =
            List.of(MEDIAN, new Part("p99", Slice::p99), new Part("p99.9", Slice::p999));

    /** Which calls. */
    private record Part(String words, ToDoubleFunction<Slice> number) {}

    Section section() {
        List<Result> results = new ArrayList<>();
        List<String> medians = new ArrayList<>();
        for (int callers : sizes.callers()) {
            for (Part part : PARTS) {
                Result raw = result(callers, Entrant.PGBENCH, part);
                for (Entrant entrant : Entrant.contenders(workload)) {
                    Result result = result(callers, entrant, part).against(raw);
                    results.add(result);
                    if (entrant == Entrant.SAGAZ && part.equals(MEDIAN)) {
                        medians.add(Words.times(result.ratio()));
                    }
                }
                results.add(raw);
            }
        }
        return new Section(
                "duration, " + workload.title() + ", " + way.words(),
                "The same rounds: how long a caller waited, for a connection too if there are more callers than these. "
                        + (workload.commits() > 1 ? "It is the whole saga that is timed. " : "")
                        + "p99.9 of a round rests on few calls where there are few callers. pgbench is direct here too.",
                results,
                "With " + Words.list(sizes.callers()) + " callers half of Sagaz' calls take at most "
                        + Words.list(medians) + " times what half of pgbench's do.");
    }

    private Result result(int callers, Entrant entrant, Part part) {
        Way measured = entrant == Entrant.PGBENCH ? Way.DIRECT : way;
        return Result.median(
                Words.callers(callers) + ", " + part.words + ", " + entrant.title(),
                Unit.MILLIS,
                slices.of(new Cell(callers, workload, measured, entrant), part.number));
    }
}
