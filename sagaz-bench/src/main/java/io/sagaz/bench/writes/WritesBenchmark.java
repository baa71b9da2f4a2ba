package io.sagaz.bench.writes;

import io.sagaz.bench.Benchmark;
import io.sagaz.bench.Stage;
import io.sagaz.bench.report.Section;
import io.sagaz.bench.report.Words;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** {@code ./bench writes}. */
public final class WritesBenchmark implements Benchmark {
    private static final long BYTES_FULL = 20L << 30;
    private static final long BYTES_QUICK = 2L << 30;

    private final WriteSizes full;
    private final WriteSizes quick;

    /** With its sizes. */
    public WritesBenchmark(WriteSizes full, WriteSizes quick) {
        this.full = full;
        this.quick = quick;
    }

    @Override
    public String name() {
        return "writes";
    }

    @Override
    public String title() {
        return "What a durable step costs, beside a plain insert and others";
    }

    @Override
    public List<String> circumstances(boolean quick) {
        WriteSizes sizes = sizes(quick);
        Peers peers = new Peers();
        List<String> paragraphs = new ArrayList<>();
        paragraphs.add(
                "\"pgbench\" is what a durable write costs here at all: PostgreSQL's own program inserts a row of three columns"
                        + " into a table with a primary key, commits, and begins again, directly and with prepared statements."
                        + " Everything else is a ratio to that, with as many callers.");
        paragraphs.add("A \"" + Workload.NEW_SAGA.title()
                + "\" is one call that starts it: in Sagaz 6 rows, with an audit entry. A \"" + Workload.STEP.title()
                + "\" is one call: 2 rows changed, 2 added; the sagas were made before. A \"" + Workload.WHOLE.title()
                + "\" is a start and three successes of a step, the first of which sets the saga to work and the last of"
                + " which ends it as well: 4 transactions.");
        paragraphs.add(
                "All of it runs in one run on a primary whose replica is stopped, `fsync` and `synchronous_commit` on, 64 MB of"
                        + " `shared_buffers`, no checkpoint but those that the benchmark asks for, and otherwise with the settings that"
                        + " PostgreSQL comes with, autovacuum included. Server, PgBouncer and whoever makes the load"
                        + " share the cores of the machine, so that rates are lower than with a machine for each: read the"
                        + " ratios. There are the partitions of a year: those that migrations make, and those of 12 months (30 days"
                        + " of events) before; their tables are emptied before each number of callers.");
        paragraphs.add("A round of one thing lasts "
                + Words.seconds(sizes.slice())
                + "; in each round all take their turn, pgbench before the others of a workload; "
                + sizes.timed().rounds() + " rounds count, after "
                + sizes.timed().warmUps()
                + " to warm up. Each caller makes its next call when the one before has come back. Everybody has a HikariCP "
                + peers.version("hikari") + " pool of as many connections as callers, at most " + sizes.connections()
                + "; pgbench has a connection for each caller. \"Direct\" is to the primary itself, where the driver prepares"
                + " statements by itself, after the fifth time; \"through PgBouncer\" is in transaction mode with"
                + " `prepareThreshold=0`.");
        paragraphs.addAll(peers.paragraphs());
        return paragraphs;
    }

    /** The tables of one number of callers, and WAL. */
    @Override
    public long diskBytes(boolean quick) {
        return quick ? BYTES_QUICK : BYTES_FULL;
    }

    @Override
    public List<Section> run(Stage stage, boolean quick) throws SQLException, IOException, InterruptedException {
        WriteSizes sizes = sizes(quick);
        Stock stock = new Stock(stage);
        WritesSchema schema = new WritesSchema(stage, stock);
        stage.stopReplicas();
        stage.progress().step("Making everybody's tables");
        schema.make();
        Slices slices = new TimedRounds(stage, sizes, stock, schema).measure();
        schema.empty();

        List<Section> sections = new ArrayList<>();
        for (Workload workload : Workload.timed()) {
            for (Way way : Way.values()) {
                sections.add(new ThroughputSection(slices, sizes, workload, way).section());
            }
        }
        for (Workload workload : Workload.timed()) {
            for (Way way : Way.values()) {
                sections.add(new LatencySection(slices, sizes, workload, way).section());
            }
        }
        sections.add(new PoolerSection(slices, sizes).section());
        sections.add(new WalMeasurement(stage, sizes, stock).measure());
        sections.add(new HotMeasurement(stage, sizes, stock).measure());
        return sections;
    }

    private WriteSizes sizes(boolean isQuick) {
        return isQuick ? quick : full;
    }
}
