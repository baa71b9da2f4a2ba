package io.sagaz.bench.partitions;

import io.sagaz.bench.Benchmark;
import io.sagaz.bench.Stage;
import io.sagaz.bench.report.Section;
import io.sagaz.bench.report.Words;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;

/** {@code ./bench partitions}. */
public final class PartitionsBenchmark implements Benchmark {
    private static final long BYTES_OF_A_SAGA = 4_500;
    private static final long BYTES_BESIDE = 2L << 30;

    private final PartitionSizes full;
    private final PartitionSizes quick;

    /** With its sizes. */
    public PartitionsBenchmark(PartitionSizes full, PartitionSizes quick) {
        this.full = full;
        this.quick = quick;
    }

    @Override
    public String name() {
        return "partitions";
    }

    @Override
    public String title() {
        return "What partitions are worth, and what they cost";
    }

    @Override
    public List<String> circumstances(boolean quick) {
        PartitionSizes sizes = sizes(quick);
        return List.of(
                Words.count(sizes.tables().rows())
                        + " sagas, spread evenly over the last twelve months, are in three tables in the same order: the"
                        + " partitioned table of the schema (\"partitioned\"); one table with the same columns, checks,"
                        + " fillfactor and indexes (\"one table\"); and that with a b-tree index on `created_at` besides"
                        + " (\"one table, b-tree on time\").",
                "All of it runs in one run on a primary with one replica, `fsync` on and 64 MB of `shared_buffers`. The variants alternate within each round, and a ratio is the"
                        + " median of the rounds' ratios: what slows the machine down for a while hits all of them. "
                        + sizes.rounds().rounds() + " rounds count, after "
                        + sizes.rounds().warmUps()
                        + " to warm up, unless a table says otherwise. The three tables are vacuumed, analysed and written to"
                        + " disk before, and left alone by autovacuum and checkpoints meanwhile; the maintenance runs with the"
                        + " settings that PostgreSQL comes with. Connections lead to the primary itself with `prepareThreshold=0`, as those for reads do"
                        + " in the library, unless said otherwise.");
    }

    /** The tables, the same on the replica, and WAL. */
    @Override
    public long diskBytes(boolean quick) {
        return sizes(quick).tables().rows() * BYTES_OF_A_SAGA + BYTES_BESIDE;
    }

    @Override
    public List<Section> run(Stage stage, boolean quick) throws SQLException, InterruptedException {
        PartitionSizes sizes = sizes(quick);
        // The large tables come last: what their files leave to be written to disk would make others wait.
        List<Section> planning = new PlanningMeasurement(stage, sizes.planning()).measure();
        List<Section> maintenance = new MaintenanceMeasurement(stage, sizes.upkeep()).measure();

        List<Section> sections = new ArrayList<>();
        OffsetDateTime newest = new SagaTables(stage, sizes.tables()).make();
        sections.addAll(new TimeRangeMeasurement(stage, sizes, newest).measure());
        sections.addAll(new LookupMeasurement(stage, sizes).measure());
        // Before the inserts, which add to the last hour.
        Section brin = new BrinMeasurement(stage, sizes, newest).measure();
        sections.addAll(new InsertMeasurement(stage, sizes).measure());
        sections.add(brin);
        sections.addAll(planning);
        sections.addAll(maintenance);
        return sections;
    }

    private PartitionSizes sizes(boolean isQuick) {
        return isQuick ? quick : full;
    }
}
