package io.sagaz.bench.testkit;

import io.sagaz.bench.Benchmark;
import io.sagaz.bench.Stage;
import io.sagaz.bench.report.Section;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;

/** {@code ./bench testkit}. */
public final class TestkitBenchmark implements Benchmark {
    private static final long BYTES = 10L << 30;

    private final TestkitSizes full;
    private final TestkitSizes quick;

    /** With its sizes. */
    public TestkitBenchmark(TestkitSizes full, TestkitSizes quick) {
        this.full = full;
        this.quick = quick;
    }

    @Override
    public String name() {
        return "testkit";
    }

    @Override
    public String title() {
        return "How long tests wait for their servers and databases";
    }

    @Override
    public List<String> circumstances(boolean quick) {
        return List.of(
                "A topology is a primary, 2 replicas and both PgBouncers, with the settings that the testkit comes with:"
                        + " `fsync` is off, `synchronous_commit` is on. The servers of the benchmark itself have nothing to do meanwhile.");
    }

    @Override
    public long diskBytes(boolean quick) {
        return BYTES;
    }

    @Override
    public List<Section> run(Stage stage, boolean quick) throws SQLException, IOException, InterruptedException {
        TestkitSizes sizes = quick ? this.quick : full;
        return List.of(
                new StartMeasurement(stage.progress(), sizes).measure(),
                new ResetMeasurement(stage.progress(), sizes.resets()).measure(),
                new HistoryMeasurement(stage.progress(), sizes.sagas(), sizes.histories()).measure());
    }
}
