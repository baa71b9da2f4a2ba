package io.sagaz.cli;

import io.sagaz.cli.term.Figures;
import io.sagaz.cli.term.Row;
import io.sagaz.cli.term.Style;
import io.sagaz.cli.term.Terminal;
import io.sagaz.testkit.Topology;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sagaz up}. */
@Command(
        name = "up",
        mixinStandardHelpOptions = true,
        header = "Keeps a replicated PostgreSQL with two PgBouncers and the schema of Sagaz running until Ctrl-C.",
        description = "Everything listens on this machine only, and is gone with all its data when the command ends.",
        sortOptions = false)
final class UpCommand implements Callable<Integer> {
    private static final int FIRST_PORT = 1024;
    private static final int LAST_PORT_BASE = 65_500;

    private final Shutdown shutdown;
    private int portBase;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before it calls.
    private CommandSpec command;

    @Mixin
    private final TopologyOptions topology = new TopologyOptions();

    @Option(names = "--json", description = "Print one JSON document, and nothing else, on standard output.")
    private boolean json;

    UpCommand(Shutdown shutdown) {
        this.shutdown = shutdown;
    }

    @Option(
            names = "--port-base",
            paramLabel = "PORT",
            description = "The first of the ports, " + FIRST_PORT + " to " + LAST_PORT_BASE
                    + ": PgBouncer-RW; then follow PgBouncer-RO, the primary and the replicas. Default: free ports.")
    void setPortBase(int port) {
        portBase = TopologyOptions.inRange(command.commandLine(), "--port-base", port, FIRST_PORT, LAST_PORT_BASE);
    }

    @Override
    public Integer call() throws InterruptedException {
        Terminal out = Terminal.standardOutput();
        Terminal words = json ? Terminal.standardError() : out;
        try (Topology running =
                topology.topology(words::line).portBase(portBase).start()) {
            // Opening a store applies the schema, and shows that a service could.
            Stores.on(running).close();
            Connections connections = Connections.of(running);
            if (json) {
                out.line(JsonDocument.of(connections::write));
            } else {
                out.line(new Row().add(Style.GOOD, "✓ Ready in " + Figures.duration(running.startedIn())));
                connections.rows(out.columns()).forEach(out::line);
                out.line("Ctrl-C ends it.");
            }
            shutdown.await();
            return CommandLine.ExitCode.OK;
        }
    }
}
