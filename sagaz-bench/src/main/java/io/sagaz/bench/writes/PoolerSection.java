package io.sagaz.bench.writes;

import io.sagaz.bench.load.Slice;
import io.sagaz.bench.measure.Rounds;
import io.sagaz.bench.report.Result;
import io.sagaz.bench.report.Section;
import io.sagaz.bench.report.Unit;
import io.sagaz.bench.report.Words;
import io.sagaz.bench.writes.Slices.Cell;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** What PgBouncer adds to the durations of Sagaz. Pure. */
record PoolerSection(Slices slices, WriteSizes sizes) {
    Section section() {
        List<Result> results = new ArrayList<>();
        for (Workload workload : Workload.timed()) {
            for (int callers : sizes.callers()) {
                String name = workload.title() + ", " + Words.callers(callers) + ", ";
                Rounds direct = p50(workload, callers, Way.DIRECT);
                Rounds pooled = p50(workload, callers, Way.POOLED);
                List<Double> differences = IntStream.range(0, direct.count())
                        .mapToObj(round ->
                                pooled.values().get(round) - direct.values().get(round))
                        .toList();
                Result past = Result.median(name + "direct", Unit.MILLIS, direct);
                results.add(Result.median(name + "added", Unit.MILLIS, new Rounds(differences))
                        .against(past));
                results.add(past);
                results.add(Result.median(name + "through PgBouncer", Unit.MILLIS, pooled)
                        .against(past));
            }
        }
        return new Section(
                "share of PgBouncer",
                "Sagaz in the same rounds: the median duration through PgBouncer less the median duration past it, round by"
                        + " round. PgBouncer takes its part of the same cores.",
                results,
                "Where callers wait for the cores and not for each other's messages, the pooler's work shows as a lower rate"
                        + " rather than as a longer way.");
    }

    private Rounds p50(Workload workload, int callers, Way way) {
        return slices.of(new Cell(callers, workload, way, Entrant.SAGAZ), Slice::p50);
    }
}
