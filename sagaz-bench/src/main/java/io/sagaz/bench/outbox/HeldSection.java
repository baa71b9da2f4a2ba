package io.sagaz.bench.outbox;

import io.sagaz.bench.outbox.HeldMeasurement.Part;
import io.sagaz.bench.report.Result;
import io.sagaz.bench.report.Section;
import io.sagaz.bench.report.Unit;
import io.sagaz.bench.report.Words;
import java.util.ArrayList;
import java.util.List;

/** What {@link HeldMeasurement} has found. Pure. */
record HeldSection(HeldMeasurement measured, OutboxSizes.Held sizes) {
    private static final double LEAST = 0.95;

    Section section() {
        List<Result> results = new ArrayList<>();
        List<String> found = new ArrayList<>();
        for (Rival rival : Rival.values()) {
            Result held = result(rival, true, Part.LAST).against(result(rival, false, Part.LAST));
            if (rival == Rival.SAGAZ) {
                held = held.shouldBe(
                        "at least " + Words.times(LEAST) + " of without", result -> result.ratio() >= LEAST);
            }
            results.add(held.against(result(rival, true, Part.FIRST)).inPicture());
            results.add(result(rival, true, Part.FIRST).against(result(rival, false, Part.FIRST)));
            results.add(result(rival, false, Part.LAST).against(result(rival, false, Part.FIRST)));
            results.add(result(rival, false, Part.FIRST));
            for (Part part : List.of(Part.DEAD, Part.MEBIBYTES)) {
                results.add(result(rival, true, part));
                results.add(result(rival, false, part));
            }
            found.add(rival.title() + " " + Words.times(held.ratio()));
        }
        return new Section(
                "a snapshot held on a replica",
                "Events that are published in a second while " + sizes.writers() + " writers append " + sizes.each()
                        + " at a time without a pause, for " + Words.seconds(sizes.length()) + ": in the first "
                        + window()
                        + " and in the last. The writers wait while "
                        + Words.count(sizes.waiting())
                        + " events wait, so that it is what appending and publishing can bear together. \"Held\": a transaction on the replica,"
                        + " which gives feedback (`hot_standby_feedback = on`), reads from a snapshot that was taken before. Each begins with"
                        + " empty tables; the status table has " + sizes.workers()
                        + " workers. Dead rows (`n_dead_tup`, as PostgreSQL estimates them) and sizes are those of all tables of the outbox at the"
                        + " end, indexes included. Autovacuum looks every 5 s here, not every minute.",
                results,
                "Of what is published at the end without a snapshot, so much is published with one held: "
                        + String.join(", ", found)
                        + ". The sizes are not those of as many events: who publishes more has more rows.");
    }

    private String window() {
        return Words.seconds(sizes.window());
    }

    private Result result(Rival rival, boolean held, Part part) {
        String words = switch (part) {
            case FIRST -> "first " + window();
            case LAST -> "last " + window();
            case DEAD -> "dead rows";
            case MEBIBYTES -> "size";
        };
        Unit unit = switch (part) {
            case FIRST, LAST -> Unit.PER_SECOND;
            case DEAD -> Unit.ROWS;
            case MEBIBYTES -> Unit.MEBIBYTES;
        };
        return Result.median(
                rival.title() + ", " + words + (held ? ", held" : ", not held"), unit, measured.of(rival, held, part));
    }
}
