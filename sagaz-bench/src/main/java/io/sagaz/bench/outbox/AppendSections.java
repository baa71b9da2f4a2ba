package io.sagaz.bench.outbox;

import io.sagaz.bench.report.Result;
import io.sagaz.bench.report.Section;
import io.sagaz.bench.report.Unit;
import io.sagaz.bench.report.Words;
import java.util.ArrayList;
import java.util.List;

/** What {@link AppendMeasurement} has found. Pure. */
record AppendSections(AppendMeasurement measured, OutboxSizes.Appending sizes) {
    /** From so many events in a transaction on there is a target. */
    private static final int MANY = 100;

    private static final double LEAST = 0.7;

    List<Section> sections() {
        return sizes.events().stream().map(this::section).toList();
    }

    static String writers(int count) {
        return count == 1 ? "1 writer" : count + " writers";
    }

    private Section section(int events) {
        List<Result> results = new ArrayList<>();
        List<String> ofRows = new ArrayList<>();
        for (int writers : sizes.writers()) {
            Result rows = rate(Author.ROWS, events, writers);
            Result copy = rate(Author.COPY, events, writers).against(rows);
            List<Result> peers = Author.peers().stream()
                    .map(peer -> rate(peer, events, writers).against(rows))
                    .toList();
            Result sagaz = rate(Author.SAGAZ, events, writers).against(rows).against(copy);
            for (Result peer : peers) {
                sagaz = sagaz.against(peer);
            }
            if (events >= MANY) {
                sagaz = sagaz.shouldBe(
                        "at least " + Words.times(LEAST) + " of a multi-row INSERT", result -> result.ratio() >= LEAST);
            }
            results.add(sagaz.inPicture());
            results.add(rows);
            results.add(copy);
            results.addAll(peers);
            ofRows.add(Words.times(sagaz.ratio()));
        }
        return new Section(
                "appending, " + (events == 1 ? "1 event" : events + " events") + " in a transaction",
                "Events in a second, by as many transactions of " + (events == 1 ? "one" : "so many")
                        + " as everybody gets done. Everybody goes through PgBouncer-RW, each writer with a connection of his own.",
                results,
                "With " + Words.list(sizes.writers()) + " writers Sagaz appends " + Words.list(ofRows)
                        + " times as many events as the plain INSERT of the same rows into the same table.");
    }

    private Result rate(Author author, int events, int writers) {
        return Result.median(
                writers(writers) + ", " + author.title(), Unit.PER_SECOND, measured.rates(author, events, writers));
    }
}
