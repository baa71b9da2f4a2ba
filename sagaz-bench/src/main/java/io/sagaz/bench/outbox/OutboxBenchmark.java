package io.sagaz.bench.outbox;

import io.sagaz.bench.Benchmark;
import io.sagaz.bench.Stage;
import io.sagaz.bench.report.Section;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** {@code ./bench outbox}. */
public final class OutboxBenchmark implements Benchmark {
    private static final long BYTES_FULL = 20L << 30;
    private static final long BYTES_QUICK = 3L << 30;

    private final OutboxSizes full;
    private final OutboxSizes quick;

    /** With its sizes. */
    public OutboxBenchmark(OutboxSizes full, OutboxSizes quick) {
        this.full = full;
        this.quick = quick;
    }

    @Override
    public String name() {
        return "outbox";
    }

    @Override
    public String title() {
        return "What the outbox carries, beside plain statements and others";
    }

    @Override
    public boolean replicasGiveFeedback() {
        return true;
    }

    @Override
    public List<String> circumstances(boolean quick) {
        OutboxSizes sizes = sizes(quick);
        Peers peers = new Peers();
        List<String> paragraphs = new ArrayList<>();
        paragraphs.add("Every event is JSON of " + Events.BYTES
                + " bytes with one of 10,000 keys. The publisher does nothing but count, except to Kafka: what is measured is the"
                + " outbox, and no broker.");
        paragraphs.add(
                "All of it runs in one run on a primary, `fsync` and `synchronous_commit` on, 64 MB of `shared_buffers`, no"
                        + " checkpoint but those that the benchmark asks for, autovacuum every 5 s, and otherwise with the settings that"
                        + " PostgreSQL comes with. It has a replica while a snapshot is held there, and none for the rest. Server, PgBouncer"
                        + " and whoever makes the load share the cores of the machine, so that rates are lower and waits longer than with a"
                        + " machine for each: read the ratios. In each round everybody takes a turn, and a ratio is the median of the rounds'"
                        + " ratios. Rounds that count, after those to warm up: "
                        + sizes.appending().rounds().rounds() + " of what is appended, "
                        + sizes.draining().rounds().rounds() + " of what is drained, "
                        + sizes.steady().rounds().rounds() + " of events on the way, "
                        + sizes.held().rounds().rounds() + " with a snapshot held, "
                        + sizes.retention().rounds().rounds() + " of old events.");
        paragraphs.add(
                "Everybody goes through PgBouncer-RW in transaction mode with `prepareThreshold=0`, as services do, with"
                        + " HikariCP " + peers.version("hikari") + " pools. There are the partitions of a month.");
        paragraphs.addAll(peers.paragraphs());
        return paragraphs;
    }

    /** The tables of one measurement, the same on the replica, and WAL. */
    @Override
    public long diskBytes(boolean quick) {
        return quick ? BYTES_QUICK : BYTES_FULL;
    }

    @Override
    public List<Section> run(Stage stage, boolean quick) throws SQLException, InterruptedException {
        OutboxSizes sizes = sizes(quick);
        stage.progress().step("Making everybody's tables");
        OutboxTables.make(stage);
        Section held = new HeldMeasurement(stage, sizes.held()).measure();
        // A replica is another machine's work, and its disk's.
        stage.stopReplicas();

        Section retention = new RetentionMeasurement(stage, sizes.retention()).measure();
        List<Section> sections = new ArrayList<>();
        sections.addAll(new AppendMeasurement(stage, sizes.appending()).measure());
        sections.add(new DrainMeasurement(stage, sizes.draining()).measure());
        sections.add(new KafkaMeasurement(stage, sizes.draining()).measure());
        sections.addAll(new SteadyMeasurement(stage, sizes.steady()).measure());
        sections.add(held);
        sections.add(retention);
        return sections;
    }

    private OutboxSizes sizes(boolean isQuick) {
        return isQuick ? quick : full;
    }
}
