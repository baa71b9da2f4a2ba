package io.sagaz.bench.reads;

import io.sagaz.bench.load.Slice;
import io.sagaz.bench.measure.Rounds;
import io.sagaz.bench.report.Result;
import io.sagaz.bench.report.Section;
import io.sagaz.bench.report.Unit;
import io.sagaz.bench.report.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** What everybody adds to the duration of a read. Pure. */
record PeersSection(FindRounds rounds, ReadSizes.Finding sizes) {
    private static final double MICROS_OF_A_MILLI = 1_000;

    Section section() {
        List<Result> results = new ArrayList<>();
        List<String> added = new ArrayList<>();
        for (int callers : sizes.callers()) {
            for (Entrant entrant : rounds.entrants(callers)) {
                Result duration = duration(callers, entrant);
                if (entrant == entrant.bare()) {
                    results.add(duration);
                } else {
                    Result difference = difference(callers, entrant);
                    results.add(difference);
                    results.add(
                            duration.against(duration(callers, entrant.bare())).inPicture());
                    if (callers == sizes.callers().get(0)) {
                        added.add(entrant.title() + " " + Words.times(difference.value()) + " us");
                    }
                }
            }
        }
        return new Section(
                "finding by id, beside others",
                "The same rounds: the duration that half of the calls took at most, and what that is more than a bare pool's on"
                        + " the same way, round by round. Through PgBouncer-RO nobody prepares statements but who is said to;"
                        + " direct all do, after the fifth time.",
                results,
                "With one caller is added: " + String.join("; ", added) + ".");
    }

    private Result difference(int callers, Entrant entrant) {
        List<Double> its = rounds.of(callers, entrant, Slice::p50).values();
        List<Double> bare = rounds.of(callers, entrant.bare(), Slice::p50).values();
        return Result.median(
                name(callers, entrant) + ", added",
                Unit.MICROS,
                new Rounds(IntStream.range(0, its.size())
                        .mapToObj(round -> (its.get(round) - bare.get(round)) * MICROS_OF_A_MILLI)
                        .toList()));
    }

    private Result duration(int callers, Entrant entrant) {
        return Result.median(name(callers, entrant), Unit.MILLIS, rounds.of(callers, entrant, Slice::p50));
    }

    private static String name(int callers, Entrant entrant) {
        return Words.callers(callers) + ", " + entrant.title() + ", "
                + entrant.way().words();
    }
}
