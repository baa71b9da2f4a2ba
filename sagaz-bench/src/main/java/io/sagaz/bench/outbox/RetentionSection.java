package io.sagaz.bench.outbox;

import io.sagaz.bench.outbox.RetentionMeasurement.Part;
import io.sagaz.bench.report.Result;
import io.sagaz.bench.report.Section;
import io.sagaz.bench.report.Unit;
import io.sagaz.bench.report.Words;
import java.util.ArrayList;
import java.util.List;

/** What {@link RetentionMeasurement} has found. Pure. */
record RetentionSection(RetentionMeasurement measured, OutboxSizes.Retention sizes) {
    Section section() {
        List<Result> results = new ArrayList<>();
        Result time = result(Removal.DROP, Part.TIME)
                .against(result(Removal.DELETE, Part.TIME))
                .inPicture();
        results.add(time);
        results.add(result(Removal.DELETE, Part.TIME));
        for (Removal removal : Removal.values()) {
            Result quiet = result(removal, Part.QUIET_P99);
            results.add(result(removal, Part.P99).against(quiet).inPicture());
            results.add(quiet);
            results.add(result(removal, Part.LONGEST));
        }
        return new Section(
                "old events go",
                Words.count(sizes.all()) + " events that are published and older than " + OldEvents.DAYS_KEPT
                        + " days, in "
                        + sizes.partitions()
                        + " partitions, go: by a run of `PartitionMaintenance` as the owner of the tables, which looks"
                        + " whether anything still needs them, detaches them concurrently and drops them; or by one DELETE."
                        + " Meanwhile a transaction of one event is due " + Words.count(sizes.perSecond())
                        + " times in a second, " + sizes.writers()
                        + " at once at most; what a writer waits is counted from when it was due. \"Before\" is the second"
                        + " before. What DELETE leaves to vacuum is not counted.",
                results,
                "That the partitions go takes " + Words.ofTime(time.ratios().get(0)) + ".");
    }

    private Result result(Removal removal, Part part) {
        String words = switch (part) {
            case TIME -> "time";
            case P99 -> "p99 of a writer";
            case LONGEST -> "longest wait of a writer";
            case QUIET_P99 -> "p99 of a writer, before";
        };
        String name = removal.title() + ", " + words;
        return part == Part.LONGEST
                ? Result.max(name, Unit.MILLIS, measured.millis(removal, part))
                : Result.median(name, Unit.MILLIS, measured.millis(removal, part));
    }
}
