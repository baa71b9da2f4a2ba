package io.sagaz.bench.reads;

import io.sagaz.bench.measure.Rounds;
import io.sagaz.bench.report.Result;
import io.sagaz.bench.report.Section;
import io.sagaz.bench.report.Unit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What {@link ScenarioMeasurement} has found. Pure. */
record ScenarioSections(ScenarioMeasurement measured, ReadSizes.Scenarios sizes) {
    private static final double PERCENT = 100;

    List<Section> sections() {
        return Arrays.stream(Scenario.values()).map(this::section).toList();
    }

    private Section section(Scenario scenario) {
        List<Result> results = new ArrayList<>();
        List<String> unsaid = new ArrayList<>();
        for (Watcher watcher : Watcher.values()) {
            for (Seen seen : Seen.values()) {
                Rounds shares = shares(scenario, watcher, seen);
                if (seen == Seen.RIGHT || seen == Seen.STALE_UNSAID || shares.max() > 0) {
                    results.add(result(watcher, seen, shares));
                }
            }
            results.add(Result.max(
                    watcher.title() + ", longest look",
                    Unit.MILLIS,
                    measured.of(scenario, watcher, ScenarioMeasurement.Round::longestMillis)));
            unsaid.add(watcher.title() + " "
                    + percent(shares(scenario, watcher, Seen.STALE_UNSAID).median()));
        }
        return new Section(
                scenario.title(),
                scenario.how() + " " + sizes.callers() + " threads look " + sizes.looks()
                        + " times each in a round; parts of all looks. Sagaz is asked for a staleness of "
                        + sizes.staleness().toMillis()
                        + " ms. \"Said\" is what the answer's receipt says, held against when the write was acknowledged.",
                results,
                "Stale, and nothing told the reader: " + String.join("; ", unsaid) + ".");
    }

    private static Result result(Watcher watcher, Seen seen, Rounds shares) {
        String name = watcher.title() + ", " + seen.words();
        if (watcher.isSagaz() && seen == Seen.STALE_UNSAID) {
            return Result.max(name, Unit.SHARE, shares).shouldBe("never", result -> result.value() == 0);
        }
        if (watcher.mustSee() && seen == Seen.RIGHT) {
            return Result.min(name, Unit.SHARE, shares).shouldBe("always", result -> result.value() == 1);
        }
        return Result.median(name, Unit.SHARE, shares);
    }

    private Rounds shares(Scenario scenario, Watcher watcher, Seen seen) {
        return measured.of(scenario, watcher, round -> round.shares().getOrDefault(seen, 0.0));
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.0f %%", share * PERCENT);
    }
}
