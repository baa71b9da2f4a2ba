package io.sagaz.bench.reads;

import io.sagaz.bench.load.Slice;
import io.sagaz.bench.report.Result;
import io.sagaz.bench.report.Section;
import io.sagaz.bench.report.Unit;
import io.sagaz.bench.report.Words;
import java.util.ArrayList;
import java.util.List;

/** How often in a second sagas are found through the router, beside a bare pool. Pure. */
record ThroughputSection(FindRounds rounds, ReadSizes.Finding sizes) {
    private static final double LEAST = 0.95;

    Section section() {
        List<Result> results = new ArrayList<>();
        List<String> ratios = new ArrayList<>();
        for (int callers : sizes.callers()) {
            Result bare = rate(callers, Entrant.BARE);
            Result sagaz = rate(callers, Entrant.SAGAZ)
                    .against(bare)
                    .inPicture()
                    .shouldBe(
                            "at least " + Words.times(LEAST) + " of the bare pool", result -> result.ratio() >= LEAST);
            results.add(sagaz);
            results.add(bare);
            results.add(rate(callers, Entrant.BARE_PREPARED).against(bare));
            ratios.add(Words.times(sagaz.ratio()));
        }
        return new Section(
                "finding by id through the router",
                "How many sagas with their steps are found in a second, through the same PgBouncer-RO, with the same statement,"
                        + " the same reading of its rows, and a pool of as many connections as callers. Sagaz is asked for"
                        + " `atMost(5 s)`. Nobody prepares statements, as the store does not behind a pooler; what that costs in"
                        + " session mode stands beside it.",
                results,
                "With " + Words.list(sizes.callers()) + " callers Sagaz finds " + Words.list(ratios)
                        + " times as many. What it does beside is above, under \"decision in this process\": of a time"
                        + " that is mostly the way to the server and back, and the server's own work.");
    }

    private Result rate(int callers, Entrant entrant) {
        return Result.median(
                Words.callers(callers) + ", " + entrant.title(),
                Unit.PER_SECOND,
                rounds.of(callers, entrant, Slice::perSecond));
    }
}
