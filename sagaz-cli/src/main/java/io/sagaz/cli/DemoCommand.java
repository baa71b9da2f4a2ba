package io.sagaz.cli;

import io.sagaz.cli.demo.DemoOptions;
import io.sagaz.cli.demo.DemoRun;
import io.sagaz.cli.demo.DemoStoppedException;
import io.sagaz.cli.init.Deployed;
import io.sagaz.cli.term.Terminal;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sagaz demo}. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        header = "Runs an order service on a replicated PostgreSQL, lets a replica fall behind, and checks the books.",
        description = {
            "Starts a primary, replicas and two PgBouncers; an order service writes as fast as it can, a dashboard"
                    + " reads beside it. Replay is paused for a quarter of the time: reads move to the primary and come"
                    + " back. At the end every acknowledged order is looked up with plain SQL.",
            "Exit status: 0 if nothing was lost, doubled or left half done and no read was older than it promised."
        },
        sortOptions = false)
final class DemoCommand implements Callable<Integer> {
    private static final int SHORTEST = 10;
    private static final int LONGEST = 600;
    private static final int LARGEST_SEED = 1_000_000;

    private final Shutdown shutdown;
    private int seconds = 30;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before it calls.
    private CommandSpec command;

    @Mixin
    private final TopologyOptions topology = new TopologyOptions();

    @Option(names = "--json", description = "Print one JSON document, and nothing else, on standard output.")
    private boolean json;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Decides which orders come in and how they end. Default: a new one each time.")
    private @Nullable Long seed;

    @Option(
            names = "--deployment",
            paramLabel = "FOLDER",
            description =
                    "Run on the deployment that sagaz init has made there, in a schema of its own (sagaz_demo), and"
                            + " pause nothing. Default: on a topology of its own.")
    private @Nullable Path deployment;

    DemoCommand(Shutdown shutdown) {
        this.shutdown = shutdown;
    }

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description = "How long orders come in, " + SHORTEST + " to " + LONGEST + ". Default: 30.")
    void setSeconds(int value) {
        seconds = TopologyOptions.inRange(command.commandLine(), "--seconds", value, SHORTEST, LONGEST);
    }

    @Override
    public Integer call() throws DemoStoppedException, SQLException, InterruptedException, IOException {
        Terminal out = Terminal.standardOutput();
        Terminal err = Terminal.standardError();
        long chosen = seed == null ? ThreadLocalRandom.current().nextInt(LARGEST_SEED) : seed;
        DemoRun run = run(chosen, json ? err : out);
        boolean clean = json ? run.json(out, err) : run.show(out);
        return clean ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }

    private DemoRun run(long chosen, Terminal words) throws IOException {
        if (deployment == null) {
            topology.announce(words::line);
            DemoOptions options = new DemoOptions(seconds, topology.replicas(), chosen);
            return DemoRun.on(topology.topology(words::line), options, shutdown);
        }
        Deployed deployed = Deployed.in(deployment);
        return DemoRun.on(deployed, new DemoOptions(seconds, deployed.replicas().size(), chosen), shutdown);
    }
}
