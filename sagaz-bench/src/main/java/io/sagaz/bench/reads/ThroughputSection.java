package io.sagaz.bench.reads;

import io.sagaz.bench.load.Slice;
import io.sagaz.bench.report.Result;
import io.sagaz.bench.report.Section;
import io.sagaz.bench.report.Unit;
import io.sagaz.bench.report.Words;
import java.util.ArrayList;
import java.util.List;

/**
 * How often in a second sagas are found through the router, beside a bare pool. Pure.
 *
 * @param besideNanos what a routed read takes in this process beside what a bare pool does, as JMH measured it
 */
record ThroughputSection(FindRounds rounds, ReadSizes.Finding sizes, double besideNanos) {
    private static final double LEAST = 0.95;
    private static final double NANOS_OF_A_SECOND = 1e9;

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
                        + " times as many. With the fewest callers a read takes " + Words.micros(difference())
                        + " longer than the bare pool's; what the store does beside in this process takes "
                        + Words.micros(besideNanos)
                        + " by JMH (\"decision in this process\"). The rest is the asking again of positions, whatever threads"
                        + " take from each other on these cores, and the spread of the rounds. With many callers the cores are"
                        + " what is short, and each part of the client's work counts.");
    }

    /** Nanoseconds, with the fewest callers: of one caller, what one read takes. */
    private double difference() {
        int callers = sizes.callers().get(0);
        return callers
                * (NANOS_OF_A_SECOND / rate(callers, Entrant.SAGAZ).value()
                        - NANOS_OF_A_SECOND / rate(callers, Entrant.BARE).value());
    }

    private Result rate(int callers, Entrant entrant) {
        return Result.median(
                Words.callers(callers) + ", " + entrant.title(),
                Unit.PER_SECOND,
                rounds.of(callers, entrant, Slice::perSecond));
    }
}
