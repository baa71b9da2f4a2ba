package io.sagaz.bench;

import io.sagaz.bench.outbox.OutboxBenchmark;
import io.sagaz.bench.outbox.OutboxSizes;
import io.sagaz.bench.partitions.PartitionSizes;
import io.sagaz.bench.partitions.PartitionsBenchmark;
import io.sagaz.bench.reads.ReadSizes;
import io.sagaz.bench.reads.ReadsBenchmark;
import io.sagaz.bench.testkit.TestkitBenchmark;
import io.sagaz.bench.testkit.TestkitSizes;
import io.sagaz.bench.writes.WriteSizes;
import io.sagaz.bench.writes.WritesBenchmark;
import java.util.List;

/** The benchmarks that there are. */
final class Benchmarks {
    private Benchmarks() {}

    static List<Benchmark> all() {
        return List.of(
                new PartitionsBenchmark(PartitionSizes.FULL, PartitionSizes.QUICK),
                new WritesBenchmark(WriteSizes.FULL, WriteSizes.QUICK),
                new ReadsBenchmark(ReadSizes.FULL, ReadSizes.QUICK),
                new OutboxBenchmark(OutboxSizes.FULL, OutboxSizes.QUICK),
                new TestkitBenchmark(TestkitSizes.FULL, TestkitSizes.QUICK));
    }
}
