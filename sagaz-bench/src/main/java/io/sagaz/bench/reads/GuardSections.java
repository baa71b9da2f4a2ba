package io.sagaz.bench.reads;

import io.sagaz.bench.measure.Rounds;
import io.sagaz.bench.reads.GuardMeasurement.Pace;
import io.sagaz.bench.report.Result;
import io.sagaz.bench.report.Section;
import io.sagaz.bench.report.Unit;
import io.sagaz.bench.report.Words;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What {@link GuardMeasurement} has found. Pure. */
record GuardSections(GuardMeasurement measured, ReadSizes.Guard sizes) {
    private static final double MOST = 1.5;
    private static final double NANOS_OF_A_MILLI = 1e6;

    List<Section> sections() {
        List<Section> sections = new ArrayList<>();
        for (Pace pace : Pace.values()) {
            sections.add(writes(pace));
        }
        sections.add(served());
        return sections;
    }

    private Section writes(Pace pace) {
        List<Result> results = new ArrayList<>();
        List<String> ratios = new ArrayList<>();
        for (Readers readers : Readers.values()) {
            Result p99 = p99(pace, readers);
            if (readers == Readers.NOBODY) {
                results.add(p99);
            } else {
                Result compared = p99.against(p99(pace, Readers.NOBODY)).inPicture();
                if (readers.isGuarded()) {
                    compared = compared.shouldBe(
                            "at most " + Words.times(MOST) + " of alone", result -> result.ratio() <= MOST);
                    ratios.add(readers.title() + " " + Words.times(compared.ratio()));
                }
                results.add(
                        readers == Readers.REPLICAS_ONLY
                                ? compared
                                : compared.against(p99(pace, Readers.REPLICAS_ONLY)));
            }
            results.add(p50(pace, readers));
            results.add(rate(pace, readers));
        }
        String times = pace == Pace.PACED
                ? "each thread every " + Words.millis(measured.every().toNanos() / NANOS_OF_A_MILLI)
                        + ", which together is " + Words.times(sizes.paced())
                        + " of what they do alone without a pause"
                : "without a pause";
        return new Section(
                "replicas at a standstill, " + pace.words(),
                sizes.writers() + " threads start sagas, " + times + ", while " + sizes.readers()
                        + " threads list sagas without a pause, `atMost("
                        + sizes.staleness().toMillis()
                        + " ms)`, from replicas that have stopped to replay longer ago. Both use one store with "
                        + sizes.connections()
                        + " connections for writes and as many for reads. How long a write takes, from its call to its"
                        + " return, or from when it was due if the one before was late.",
                results,
                "The p99 of a write is, by what the readers ask for, so many times that of writes alone: "
                        + String.join("; ", ratios) + "; control "
                        + Words.times(ratio(pace, Readers.REPLICAS_ONLY)) + ", without a gate "
                        + Words.times(ratio(pace, Readers.UNGUARDED))
                        + ". The readers, the poolers and the replicas take their part of the same cores, also where they send"
                        + " nothing to the primary. The control has that and nothing else: a bare pool through PgBouncer-RO, as large"
                        + " as the store's, makes the same reads from the replicas at a standstill.");
    }

    private double ratio(Pace pace, Readers readers) {
        return p99(pace, readers).against(p99(pace, Readers.NOBODY)).ratio();
    }

    private Section served() {
        List<Result> results = new ArrayList<>();
        for (Readers readers : Readers.reading()) {
            for (Served served : Served.values()) {
                Rounds shares = share(readers, served);
                if (shares.max() > 0) {
                    results.add(Result.median(readers.title() + ", " + served.words(), Unit.SHARE, shares));
                }
            }
            results.add(Result.median(
                    readers.title() + ", answers",
                    Unit.PER_SECOND,
                    measured.of(Pace.PACED, readers, GuardMeasurement.Round::answers)));
        }
        Result unsaid = Result.max("answers that are stale and do not say so", Unit.SHARE, unsaid())
                .shouldBe("none", result -> result.value() == 0);
        results.add(0, unsaid);
        return new Section(
                "replicas at a standstill, what the readers got",
                "In the rounds with paced writes: parts of all answers, and how many there were in a second for all "
                        + sizes.readers()
                        + " threads, those included that were turned away. A replica that counts as fresh"
                        + " here would be an answer that is stale and does not say so, since all stopped to replay longer"
                        + " ago than is asked for.",
                results,
                "A reader that may not have a stale answer shares a quarter of the write pool with the others, and is turned away"
                        + " when it has waited for a quarter of a second; one that may has it at once.");
    }

    /** Fresh is what no replica can be in these rounds. */
    private Rounds unsaid() {
        List<Rounds> guarded = Arrays.stream(Readers.values())
                .filter(Readers::isGuarded)
                .map(readers -> share(readers, Served.FRESH))
                .toList();
        return new Rounds(guarded.stream().map(Rounds::max).toList());
    }

    private Rounds share(Readers readers, Served served) {
        return measured.of(Pace.PACED, readers, round -> round.shares().getOrDefault(served, 0.0));
    }

    private Result p99(Pace pace, Readers readers) {
        return Result.median(
                "p99, " + readers.title(),
                Unit.MILLIS,
                measured.of(pace, readers, round -> round.writes().p99()));
    }

    private Result p50(Pace pace, Readers readers) {
        Result result = Result.median(
                "p50, " + readers.title(),
                Unit.MILLIS,
                measured.of(pace, readers, round -> round.writes().p50()));
        return readers == Readers.NOBODY ? result : result.against(p50(pace, Readers.NOBODY));
    }

    private Result rate(Pace pace, Readers readers) {
        Result result = Result.median(
                "writes, " + readers.title(),
                Unit.PER_SECOND,
                measured.of(pace, readers, round -> round.writes().perSecond()));
        return readers == Readers.NOBODY ? result : result.against(rate(pace, Readers.NOBODY));
    }
}
