package io.sagaz.bench.reads;

import io.sagaz.bench.Benchmark;
import io.sagaz.bench.Stage;
import io.sagaz.bench.load.PeerVersions;
import io.sagaz.bench.reads.year.YearMeasurement;
import io.sagaz.bench.report.Section;
import io.sagaz.bench.report.Words;
import io.sagaz.storage.SagaId;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** {@code ./bench reads}. */
public final class ReadsBenchmark implements Benchmark {
    private static final int REPLICAS = 2;
    private static final long BYTES_OF_A_SAGA = 3_000;
    private static final long BYTES_BESIDE = 4L << 30;

    private final ReadSizes full;
    private final ReadSizes quick;

    /** With its sizes. */
    public ReadsBenchmark(ReadSizes full, ReadSizes quick) {
        this.full = full;
        this.quick = quick;
    }

    @Override
    public String name() {
        return "reads";
    }

    @Override
    public String title() {
        return "What a routed read costs, what it spares the primary, and what others do";
    }

    @Override
    public int replicas() {
        return REPLICAS;
    }

    @Override
    public List<String> circumstances(boolean quick) {
        ReadSizes sizes = sizes(quick);
        PeerVersions versions = new PeerVersions();
        return List.of(
                "All of it runs in one run on a primary with " + REPLICAS
                        + " replicas, PgBouncer-RW (transactions) before the primary and PgBouncer-RO (sessions) before the"
                        + " replicas, `fsync` and `synchronous_commit` on, 64 MB of `shared_buffers`, no checkpoint but those that"
                        + " the benchmark asks for, and otherwise with the settings that PostgreSQL comes with. All servers, poolers"
                        + " and whoever makes the load share the cores of the machine, so that rates are lower and waits longer"
                        + " than with a machine for each: read the ratios. In each round everybody takes a turn, and a ratio is the"
                        + " median of the rounds' ratios.",
                "A find by id reads one of " + Words.count(sizes.sagas())
                        + " sagas with its three steps, by the statement of the store, and makes the same objects of it for"
                        + " everybody. Everybody has HikariCP " + versions.of("hikari")
                        + " pools of as many connections as callers, set as the store sets its own.",
                "\"pgjdbc preferSecondary\" is a bare pool on a URL that names the primary and the replicas, with"
                        + " `targetServerType=preferSecondary` and `loadBalanceHosts=true`: the driver chooses when it connects.",
                "\"AWS wrapper\" is `software.amazon.jdbc:aws-advanced-jdbc-wrapper` " + versions.of("aws-wrapper")
                        + " with `readWriteSplitting` on the same servers (`singleWriterConnectionString=true`), a pool around it, and"
                        + " `setReadOnly(true)` on each connection that is borrowed. Its documentation supports the plugin for"
                        + " Amazon's clusters alone; with servers that are named it switches here too.",
                "\"Spring's lazy proxy\" is `LazyConnectionDataSourceProxy` of `spring-jdbc` " + versions.of("spring")
                        + " with a pool through PgBouncer-RO for connections that are set to read-only: once as it is, and once in a"
                        + " read-only `TransactionTemplate`, as `@Transactional(readOnly = true)` does it. None of the three knows how"
                        + " far a replica is.");
    }

    /** The tables of a year twice, and WAL. */
    @Override
    public long diskBytes(boolean quick) {
        return sizes(quick).year().sagas() * BYTES_OF_A_SAGA + BYTES_BESIDE;
    }

    @Override
    public List<Section> run(Stage stage, boolean quick) throws SQLException, IOException, InterruptedException {
        ReadSizes sizes = sizes(quick);
        stage.progress().step("Making the tables");
        List<SagaId> sagas = ReadsSchema.make(stage, sizes.sagas());

        List<Section> sections = new ArrayList<>();
        DecisionMeasurement decision = new DecisionMeasurement(stage, sizes.decision());
        sections.add(decision.measure());
        sections.add(new RoundTripMeasurement(stage, sizes.finding(), sagas).measure());
        FindRounds found = new FindRounds(stage, sizes.finding(), sagas).measure();
        sections.add(new ThroughputSection(found, sizes.finding(), decision.beside()).section());
        sections.addAll(new GuardMeasurement(stage, sizes.guard()).measure());
        sections.add(new PeersSection(found, sizes.finding()).section());
        sections.addAll(new ScenarioMeasurement(stage, sizes.scenarios()).measure());
        // Without replicas, which would write all of it once more each.
        stage.stopReplicas();
        sections.addAll(new YearMeasurement(stage, sizes.year()).measure());
        return sections;
    }

    private ReadSizes sizes(boolean isQuick) {
        return isQuick ? quick : full;
    }
}
