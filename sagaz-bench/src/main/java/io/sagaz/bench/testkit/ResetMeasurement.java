package io.sagaz.bench.testkit;

import io.sagaz.bench.Progress;
import io.sagaz.bench.measure.Rounds;
import io.sagaz.bench.measure.Timing;
import io.sagaz.bench.report.Result;
import io.sagaz.bench.report.Section;
import io.sagaz.bench.report.Unit;
import io.sagaz.testkit.TestDatabase;
import io.sagaz.testkit.Topology;
import io.sagaz.testkit.store.SagazSchema;
import java.util.ArrayList;
import java.util.List;

/** How long a test waits for a database of its own with the schema, and until it is gone. */
final class ResetMeasurement {
    private static final double TARGET_MILLIS = 200;
    private static final String TEMPLATE = "sagaz";

    private final Progress progress;
    private final int rounds;

    ResetMeasurement(Progress progress, int rounds) {
        this.progress = progress;
        this.rounds = rounds;
    }

    Section measure() {
        List<Result> results = new ArrayList<>();
        for (Place place : Place.values()) {
            if (place.isThere()) {
                results.addAll(measure(place));
            }
        }
        return new Section(
                "a database for each test",
                "`Topology.newDatabase(\"sagaz\", new SagazSchema())`: a copy of a template with the schema of Sagaz, returned when"
                        + " both replicas show it; and `close()`, which drops it. The template was made before. The databases come"
                        + " one right after the other, so none of the next one is made while a test is at work. In memory:"
                        + " `Topology.Builder.directory(" + Place.MEMORY.parent() + ")`.",
                results,
                "This is what a test that takes no time adds by having a database of its own.");
    }

    private List<Result> measure(Place place) {
        progress.step("Databases of tests" + place.title());
        List<Double> made = new ArrayList<>();
        List<Double> dropped = new ArrayList<>();
        List<Double> both = new ArrayList<>();
        double first;
        try (Topology topology =
                Topology.builder().replicas(2).directory(place.parent()).start()) {
            long begin = System.nanoTime();
            topology.newDatabase(TEMPLATE, new SagazSchema()).close();
            first = Timing.millis(System.nanoTime() - begin);
            for (int round = 0; round < rounds; round++) {
                long start = System.nanoTime();
                TestDatabase database = topology.newDatabase(TEMPLATE, new SagazSchema());
                long there = System.nanoTime();
                database.close();
                long gone = System.nanoTime();
                made.add(Timing.millis(there - start));
                dropped.add(Timing.millis(gone - there));
                both.add(Timing.millis(gone - start));
                progress.at("databases", round + 1L, rounds);
            }
        }
        return List.of(
                median("made and dropped", place, both)
                        .shouldBe("at most 200 ms", result -> result.value() <= TARGET_MILLIS),
                median("made", place, made),
                median("dropped", place, dropped),
                median("the first, with its template", place, List.of(first)));
    }

    private static Result median(String title, Place place, List<Double> millis) {
        return Result.median(title + place.title(), Unit.MILLIS, new Rounds(millis));
    }
}
