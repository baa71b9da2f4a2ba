package io.sagaz.bench.outbox;

import io.sagaz.bench.outbox.OutboxSizes.Rate;
import io.sagaz.bench.outbox.SteadyMeasurement.Part;
import io.sagaz.bench.report.Result;
import io.sagaz.bench.report.Section;
import io.sagaz.bench.report.Unit;
import io.sagaz.bench.report.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What {@link SteadyMeasurement} has found. Pure. */
record SteadySections(SteadyMeasurement measured, OutboxSizes.Steady sizes) {
    private static final Map<Part, String> WORDS = Map.of(
            Part.DUE_P50, "p50",
            Part.DUE_P99, "p99",
            Part.COMMIT_P50, "p50 from the commit",
            Part.COMMIT_P99, "p99 from the commit");

    List<Section> sections() {
        return sizes.rates().stream().map(this::section).toList();
    }

    private Section section(Rate rate) {
        List<Result> results = new ArrayList<>();
        List<String> found = new ArrayList<>();
        for (Wake wake : Wake.values()) {
            for (Part part : Part.values()) {
                Result result = result(rate, wake, part);
                if (wake != Wake.POLLING && part.isFromDue()) {
                    result = result.against(result(rate, Wake.POLLING, part));
                    result = part == Part.DUE_P99 ? result.inPicture() : result;
                }
                results.add(result);
            }
            found.add(wake.title() + " "
                    + Words.millis(result(rate, wake, Part.DUE_P50).value()) + " and "
                    + Words.millis(result(rate, wake, Part.DUE_P99).value()));
        }
        return new Section(
                "on the way, " + Words.count(rate.perSecond()) + " events in a second",
                "How long an event takes until the publisher is called. "
                        + (rate.each() == 1
                                ? "A transaction of one event is due every "
                                : "A transaction of " + rate.each() + " events is due every ")
                        + Words.millis(1_000.0 * rate.each() / rate.perSecond())
                        + ", whether the one before is done or not, for "
                        + Words.seconds(rate.length()) + " in each round; " + sizes.writers()
                        + " may be under way at once. It is counted from when the transaction was due, and once more from when its"
                        + " commit had come back to the caller, which is later than the relay may see it. \""
                        + Wake.POLLING.title()
                        + "\" and \"" + Wake.NOTIFIED.title()
                        + "\" have one store for those who emit and another for the relay, as two processes have, though it is one"
                        + " here; with \"" + Wake.WOKEN.title() + "\" they share one.",
                results,
                "p50 and p99 from when it was due: " + String.join("; ", found) + ".");
    }

    private Result result(Rate rate, Wake wake, Part part) {
        return Result.median(wake.title() + ", " + WORDS.get(part), Unit.MILLIS, measured.millis(rate, wake, part));
    }
}
