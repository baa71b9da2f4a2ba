package io.sagaz.cli;

import io.sagaz.cli.term.Figures;
import io.sagaz.cli.term.Row;
import io.sagaz.cli.term.Style;
import io.sagaz.cli.term.Terminal;
import io.sagaz.testkit.Topology;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sagaz up}. */
@Command(
        name = "up",
        mixinStandardHelpOptions = true,
        header = "Keeps a replicated PostgreSQL with two PgBouncers and the schema of Sagaz running until Ctrl-C.",
        description =
                "Everything listens on this machine only, and is gone with all its data when the command ends. Its"
                        + " servers are set as a deployment's are, so that status and doctor can be tried on it.",
        sortOptions = false)
final class UpCommand implements Callable<Integer> {
    private static final int FIRST_PORT = 1024;
    private static final int LAST_PORT_BASE = 65_500;
    /** How this program was called, if whoever called it says so. */
    private static final String PROGRAM = "sagaz.program";

    private final Shutdown shutdown;
    private int portBase;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before it calls.
    private CommandSpec command;

    @Mixin
    private final TopologyOptions topology = new TopologyOptions();

    @Option(names = "--json", description = "Print one JSON document, and nothing else, on standard output.")
    private boolean json;

    private @Nullable Path variables;

    @Option(names = "--force", description = "Overwrite the file of --env if it is there.")
    private boolean force;

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

    @Option(
            names = "--env",
            paramLabel = "FILE",
            description =
                    "Write a file for the --env-file of status, doctor and the other commands, or for a shell (set -a; ."
                            + " ./FILE). It holds a password: only you may read it. It goes when the command ends.")
    void setVariables(Path file) {
        variables = file;
    }

    @Override
    public Integer call() throws InterruptedException, SQLException, IOException {
        if (variables == null && force) {
            throw new ParameterException(command.commandLine(), "--force is for the file of --env, which is not given");
        }
        if (variables != null) {
            check(variables);
        }
        Terminal out = Terminal.standardOutput();
        Terminal words = json ? Terminal.standardError() : out;
        Topology.Builder wanted = topology.topology(words::line).durable(true).portBase(portBase);
        List<String> taken = wanted.takenPorts();
        if (!taken.isEmpty()) {
            throw new ParameterException(
                    command.commandLine(),
                    "--port-base " + portBase + " needs ports that are in use: " + String.join(", ", taken)
                            + ". End what listens there, name another port, or leave --port-base out for free ones.");
        }
        topology.announce(words::line);
        try (Topology running = wanted.start()) {
            // Opening a store applies the schema, and shows that a service could.
            Stores.on(running).close();
            DeploymentSettings.apply(running);
            Connections connections = Connections.of(running);
            if (variables == null) {
                serve(out, running, connections, Optional.empty());
            } else {
                try (VariablesFile written = VariablesFile.write(variables, connections.environment(), force)) {
                    serve(out, running, connections, Optional.of(written.path()));
                }
            }
            return CommandLine.ExitCode.OK;
        }
    }

    private void check(Path file) {
        try {
            VariablesFile.check("--env", file, force);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private void serve(Terminal out, Topology running, Connections connections, Optional<Path> file)
            throws InterruptedException {
        if (json) {
            out.line(JsonDocument.of(connections::write));
        } else {
            out.line(new Row().add(Style.GOOD, "✓ Ready in " + Figures.duration(running.startedIn())));
            connections.rows(out.columns()).forEach(out::line);
            next(connections, file).forEach(out::line);
        }
        shutdown.await();
    }

    /** Lines to paste into another shell, outside of any frame. */
    private static List<String> next(Connections connections, Optional<Path> file) {
        List<String> lines = new ArrayList<>();
        lines.add("In another shell" + (file.isPresent() ? ":" : " (--env FILE puts the variables into a file):"));
        if (file.isEmpty()) {
            lines.addAll(VariablesFile.lines("  export ", connections.environment()));
        }
        String program = "  " + System.getProperty(PROGRAM, "sagaz");
        String option = file.map(path -> " --env-file " + path).orElse("");
        lines.add(program + " status" + option);
        lines.add(program + " doctor" + option);
        lines.add("Ctrl-C ends it"
                + file.map(path -> ", and " + path + " goes with it.").orElse("."));
        return lines;
    }
}
