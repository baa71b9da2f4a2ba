package io.sagaz.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.bench.measure.Alternation;
import io.sagaz.bench.writes.WriteSizes;
import io.sagaz.bench.writes.WritesBenchmark;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WritesIT {
    private static final WriteSizes TINY = sizes(new Alternation(1, 2), 40);

    /** Full runs are none of this test's business. */
    private static final WriteSizes NONE = sizes(new Alternation(0, 1), 0);

    private static WriteSizes sizes(Alternation rounds, int sagas) {
        return new WriteSizes(
                List.of(1, 16), 4, rounds, Duration.ofMillis(50), Duration.ofMillis(50), new Alternation(0, 2), sagas);
    }

    @Test
    void aQuickRunMeasuresEverythingAndWritesNoFiles(@TempDir Path results) throws Exception {
        QuickRun run = QuickRun.of(new WritesBenchmark(NONE, TINY), results);
        Assumptions.assumeFalse(run.words().contains("There is no pgbench"), run.words());

        QuickRun.Results found = run.results();
        assertThat(run.words()).contains("Timing 16 callers, round 3 of 3");
        assertThat(results).isEmptyDirectory();
        checkShape(found);
    }

    private static void checkShape(QuickRun.Results results) {
        assertThat(results.names()).containsAll(expectedNames());
        for (Map<?, ?> result : results.all()) {
            if (!String.valueOf(result.get("name")).contains(", added")) { // A difference, which may be negative.
                assertThat((Double) result.get("value")).as("%s", result).isPositive();
            }
        }
        assertThat(results.targets())
                .contains(
                        "new saga with 3 steps and 1 event, direct: 1 caller, Sagaz",
                        "new saga with 3 steps and 1 event, through PgBouncer: 16 callers, Sagaz",
                        "success of a step with 1 event, direct: 16 callers, Sagaz",
                        "whole saga of 3 steps with 4 events, through PgBouncer: 1 caller, Sagaz to the fastest other",
                        "updates that touch no index: success of a step with 1 event, saga_executions",
                        "updates that touch no index: saga of 3 steps that goes on, saga_steps");
    }

    private static List<String> expectedNames() {
        List<String> names = new ArrayList<>();
        for (String way : List.of("direct", "through PgBouncer")) {
            for (String callers : List.of("1 caller", "16 callers")) {
                for (String who : List.of("Sagaz", "hand-written JDBC", "Axon saga store", "pgbench")) {
                    for (String what : List.of(
                            "new saga with 3 steps and 1 event",
                            "success of a step with 1 event",
                            "whole saga of 3 steps with 4 events")) {
                        names.add(what + ", " + way + ": " + callers + ", " + who);
                        for (String part : List.of("p50", "p99", "p99.9")) {
                            names.add("duration, " + what + ", " + way + ": " + callers + ", " + part + ", " + who);
                        }
                    }
                }
                names.add("new saga with 3 steps and 1 event, " + way + ": " + callers + ", transaction-outbox");
                names.add("success of a step with 1 event, " + way + ": " + callers + ", transaction-outbox");
                names.add("whole saga of 3 steps with 4 events, " + way + ": " + callers + ", DBOS");
                names.add("whole saga of 3 steps with 4 events, " + way + ": " + callers + ", Sagaz, transactions");
            }
        }
        names.add("share of PgBouncer: success of a step with 1 event, 16 callers, added");
        names.add("WAL of a saga: whole saga of 3 steps with 4 events, Sagaz");
        names.add("WAL of a saga: new saga with 3 steps and 1 event, hand-written JDBC");
        names.add("updates that touch no index: whole saga of 3 steps with 4 events, saga_executions");
        return names;
    }
}
