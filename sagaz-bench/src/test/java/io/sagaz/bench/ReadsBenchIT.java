package io.sagaz.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.bench.measure.Alternation;
import io.sagaz.bench.reads.ReadSizes;
import io.sagaz.bench.reads.ReadsBenchmark;
import io.sagaz.bench.reads.year.YearSizes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadsBenchIT {
    private static final ReadSizes TINY = sizes(20_000, new Alternation(0, 1));

    /** Full runs are none of this test's business. */
    private static final ReadSizes NONE = sizes(0, new Alternation(0, 1));

    private static ReadSizes sizes(int sagasOfYear, Alternation rounds) {
        return new ReadSizes(
                200,
                new ReadSizes.Decision(1, 0, Duration.ofMillis(10), Duration.ofMillis(50)),
                new ReadSizes.Finding(List.of(1, 2, 4), rounds, Duration.ofMillis(100)),
                new ReadSizes.Guard(rounds, 2, 0.125, 8, 4, Duration.ofMillis(200), Duration.ofMillis(500)),
                new ReadSizes.Scenarios(1, 2, 5, Duration.ofMillis(500)),
                new YearSizes(sagasOfYear, sagasOfYear / 10, rounds, 2, Duration.ofMillis(20)));
    }

    @Test
    void aQuickRunMeasuresEverythingAndWritesNoFiles(@TempDir Path results) throws Exception {
        QuickRun run = QuickRun.of(new ReadsBenchmark(NONE, TINY), results);

        QuickRun.Results found = run.results();
        assertThat(run.words())
                .contains("Starting a primary, 2 replicas and two PgBouncers")
                .contains("Filling them with 20,000 sagas each");
        assertThat(results).isEmptyDirectory();
        checkShape(found);
    }

    private static void checkShape(QuickRun.Results results) {
        assertThat(results.names())
                .contains(
                        "decision in this process: the decision's part",
                        "decision in this process: borrow, decide and give back, allocated",
                        "round trips of a read: statements at the primary, in a second",
                        "finding by id through the router: 2 callers, bare pool that prepares statements",
                        "finding by id, beside others: 1 caller, AWS wrapper, direct, added",
                        "finding by id, beside others: 4 callers, pgjdbc preferSecondary, direct",
                        "finding by id, beside others: 4 callers, Spring's lazy proxy, read-only transaction, through"
                                + " PgBouncer-RO, added",
                        "replicas at a standstill, paced writes: p99, control: replicas only",
                        "replicas at a standstill, writes without a pause: writes, no gate: strong()",
                        "replicas at a standstill, what the readers got: SERVE_STALE, stale, and told so",
                        "read directly after a write: pgjdbc preferSecondary, stale, unsaid",
                        "replay of the replicas paused: AWS wrapper, right",
                        "WAL receivers of the replicas cut: Spring's lazy proxy, stale, unsaid",
                        "a replica killed: Sagaz, atMost, longest look",
                        "dashboards, one saga or now: find by key, p95, one table",
                        "dashboards, one saga or now: outbox depth, p95, partitioned",
                        "dashboards, last 12 months: throughput, p95, one table",
                        "dashboards, last 12 months: count by status, p95, partitioned");
        assertThat(results.targets())
                .contains(
                        "round trips of a read: statements at the replicas beside the read's own, for each read",
                        "finding by id through the router: 4 callers, Sagaz",
                        "replicas at a standstill, paced writes: p99, ASK_PRIMARY",
                        "replicas at a standstill, writes without a pause: p99, FAIL",
                        "replicas at a standstill, what the readers got: answers that are stale and do not say so",
                        "read directly after a write: Sagaz, find(id, version), right",
                        "replay of the replicas paused: Sagaz, atMost, stale, unsaid",
                        "dashboards, last hour: list all, p95, partitioned");
        // What must hold on any machine, however slow.
        assertThat(results.all())
                .filteredOn(result -> String.valueOf(result.get("name")).contains(": Sagaz, ")
                        && String.valueOf(result.get("name")).endsWith(", stale, unsaid"))
                .hasSize(16)
                .allSatisfy(result -> assertThat(result.get("value")).isEqualTo(0.0));
    }
}
