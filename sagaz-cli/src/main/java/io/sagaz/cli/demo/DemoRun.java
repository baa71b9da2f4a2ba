package io.sagaz.cli.demo;

import io.sagaz.cli.JsonDocument;
import io.sagaz.cli.Logging;
import io.sagaz.cli.Shutdown;
import io.sagaz.cli.init.Deployed;
import io.sagaz.cli.term.Figures;
import io.sagaz.cli.term.Terminal;
import io.sagaz.testkit.Sources;
import io.sagaz.testkit.Topology;
import java.io.IOException;
import java.sql.SQLException;
import java.util.function.Consumer;

/** A run from start to end: topology, workload, and what is said about it on the terminal or as JSON. */
public final class DemoRun {
    private final DemoOptions options;
    private final Opening place;
    private final Shutdown shutdown;

    /** Opens where the run is. */
    @FunctionalInterface
    private interface Opening {
        Place open(Consumer<String> words) throws SQLException, InterruptedException;
    }

    private DemoRun(DemoOptions options, Opening place, Shutdown shutdown) {
        this.options = options;
        this.place = place;
        this.shutdown = shutdown;
    }

    /** A run on a topology of its own; the builder's progress must be wired already. */
    public static DemoRun on(Topology.Builder topology, DemoOptions options, Shutdown shutdown) {
        return new DemoRun(options, words -> new TopologyPlace(topology.start()), shutdown);
    }

    /** A run on a deployment, in a schema of its own. */
    public static DemoRun on(Deployed deployed, DemoOptions options, Shutdown shutdown) {
        return new DemoRun(options, words -> DeploymentPlace.open(deployed, words), shutdown);
    }

    /**
     * Runs with one JSON document on {@code out} and words on {@code words}.
     *
     * @return whether everything that was promised was kept
     */
    public boolean json(Terminal out, Terminal words) throws DemoStoppedException, SQLException, InterruptedException {
        try (Place running = place.open(words::line)) {
            DemoReport report = Demo.run(options, running, new PlainView(words::line), shutdown);
            out.line(JsonDocument.of(json -> DemoJson.write(report, json)));
            return report.isClean();
        }
    }

    /**
     * Runs with a live picture if {@code out} is a terminal, else with lines.
     *
     * @return whether everything that was promised was kept
     */
    public boolean show(Terminal out) throws DemoStoppedException, SQLException, InterruptedException, IOException {
        try (Place running = place.open(out::line)) {
            out.line("Ready in " + Figures.duration(running.startedIn()) + ".");
            if (!out.isScreen()) {
                return report(out, Demo.run(options, running, new PlainView(out::line), shutdown));
            }
            try (Logging.ToFile log = Logging.toFile()) {
                out.line("Warnings, if any, go to " + log.path());
                Screen screen = new Screen(title(running.sources()), options.replicas(), Dashboard.FRESHNESS);
                DemoReport report = Demo.run(options, running, new LiveView(out, screen), shutdown);
                boolean clean = report(out, report);
                if (!log.isEmpty()) {
                    out.line("Warnings were logged to " + log.path());
                }
                return clean;
            }
        }
    }

    private String title(Sources sources) {
        return "PostgreSQL " + sources.postgresVersion() + "  PgBouncer " + sources.pgbouncerVersion() + "  seed "
                + options.seed();
    }

    private static boolean report(Terminal out, DemoReport report) {
        Summary.rows(report).forEach(out::line);
        return report.isClean();
    }
}
