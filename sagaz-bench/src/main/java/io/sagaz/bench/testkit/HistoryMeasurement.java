package io.sagaz.bench.testkit;

import io.sagaz.bench.Progress;
import io.sagaz.bench.measure.Rounds;
import io.sagaz.bench.report.Result;
import io.sagaz.bench.report.Section;
import io.sagaz.bench.report.Unit;
import io.sagaz.testkit.TestDatabase;
import io.sagaz.testkit.Topology;
import io.sagaz.testkit.store.SagaHistory;
import io.sagaz.testkit.store.SagazSchema;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** How long a test waits for a database that is full. */
final class HistoryMeasurement {
    private static final double TARGET_SECONDS = 60;
    private static final double MILLIS = 1e3;
    private static final int MONTHS = 12;

    private final Progress progress;
    private final int sagas;
    private final int rounds;

    HistoryMeasurement(Progress progress, int sagas, int rounds) {
        this.progress = progress;
        this.sagas = sagas;
        this.rounds = rounds;
    }

    Section measure() throws SQLException {
        progress.step("A full database");
        List<Double> seconds = new ArrayList<>();
        try (Topology topology = Topology.builder().replicas(1).start()) {
            for (int round = 0; round < rounds; round++) {
                try (TestDatabase database = topology.newDatabase("sagaz", new SagazSchema())) {
                    SagaHistory.Made made = SagaHistory.of(sagas)
                            .months(MONTHS)
                            .steps("reserve", "charge", "ship")
                            .seed(round)
                            .writeTo(database);
                    seconds.add(made.took().toMillis() / MILLIS);
                }
                progress.at("histories", round + 1L, rounds);
            }
        }
        String many = String.format(Locale.ROOT, "%,d", sagas);
        return new Section(
                "a full database",
                "`SagaHistory.of(" + many.replace(',', '_') + ").months(" + MONTHS
                        + ")` with three steps each, into a new database of" + " a topology with one replica.",
                List.of(Result.median(many + " sagas over " + MONTHS + " months", Unit.SECONDS, new Rounds(seconds))
                        .shouldBe("at most 60 s", result -> result.value() <= TARGET_SECONDS)),
                "Executions, steps, the audit log, and the events of the last days; statistics of the planner are there, too.");
    }
}
