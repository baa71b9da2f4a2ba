package io.sagaz.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.bench.measure.Alternation;
import io.sagaz.bench.partitions.PartitionSizes;
import io.sagaz.bench.partitions.PartitionsBenchmark;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartitionsIT {
    private static final PartitionSizes TINY = new PartitionSizes(
            new Alternation(1, 2),
            new PartitionSizes.Tables(20_000, 10_000, 2, 20, 10, 5, 2),
            new PartitionSizes.Planning(10, new Alternation(1, 2), new Alternation(0, 2)),
            new PartitionSizes.Upkeep(1, 20, 20, Duration.ofMillis(100)));

    /** Full runs are none of this test's business. */
    private static final PartitionSizes NONE = new PartitionSizes(
            new Alternation(0, 1),
            new PartitionSizes.Tables(0, 0, 0, 0, 0, 0, 0),
            new PartitionSizes.Planning(0, new Alternation(0, 1), new Alternation(0, 1)),
            new PartitionSizes.Upkeep(0, 0, 0, Duration.ZERO));

    @Test
    void aQuickRunMeasuresEverythingAndWritesNoFiles(@TempDir Path results) throws Exception {
        QuickRun run = QuickRun.of(new PartitionsBenchmark(NONE, TINY), results);

        QuickRun.Results found = run.results();
        assertThat(run.words()).contains("Filling three tables with 20,000 sagas each");
        assertThat(results).isEmptyDirectory();
        checkShape(found);
    }

    private static void checkShape(QuickRun.Results results) {
        assertThat(results.names())
                .contains(
                        "last hour: partitioned",
                        "last hour: partitioned, against one table, b-tree on time",
                        "last hour: one table, b-tree on time, pages",
                        "last hour, as people write it: partitioned",
                        "last day: partitioned",
                        "lookup by id and time: partitioned",
                        "lookup by id alone: partitioned",
                        "insert of one saga: partitioned",
                        "insert of 100 sagas: partitioned",
                        "BRIN index: partitioned, without BRIN",
                        "BRIN index: size of BRIN, all partitions",
                        "planning in a session that has planned it before: lookup by id alone, 60 partitions",
                        "planning in a new session: compare-and-set of the library, 37 partitions",
                        "maintenance by the owner, past the pooler: with nothing to do",
                        "maintenance by a service, through the pooler: longest wait, with maintenance");
        assertThat(results.targets())
                .containsExactly(
                        "last hour: partitioned",
                        "last hour, as people write it: partitioned",
                        "last day: partitioned",
                        "BRIN index: partitioned, without BRIN",
                        "maintenance by the owner, past the pooler: with 14 partitions to take away",
                        "maintenance by the owner, past the pooler: taken away",
                        "maintenance by the owner, past the pooler: longest wait, with maintenance",
                        "maintenance by a service, through the pooler: with 14 partitions to take away",
                        "maintenance by a service, through the pooler: taken away",
                        "maintenance by a service, through the pooler: longest wait, with maintenance");
    }
}
