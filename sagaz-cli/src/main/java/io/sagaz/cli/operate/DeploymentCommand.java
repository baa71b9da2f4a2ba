package io.sagaz.cli.operate;

import io.sagaz.cli.JsonDocument;
import io.sagaz.cli.Surroundings;
import io.sagaz.cli.connect.ConnectionOptions;
import io.sagaz.cli.connect.Deployment;
import io.sagaz.cli.term.Row;
import io.sagaz.cli.term.Terminal;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command about a running deployment: it has the options that say where that is, and {@code --json}. */
@Command(mixinStandardHelpOptions = true, sortOptions = false, exitCodeListHeading = "Exit status:%n")
public abstract class DeploymentCommand implements Callable<Integer> {
    /** What {@code --help} says of a command that either does what it is to do or fails. */
    protected static final String DONE = "0:done";

    /** What {@code --help} says of failure. */
    protected static final String FAILED = "1:failed, with the reason on standard error";

    /** What {@code --help} says of commands that are wrong. */
    protected static final String MISUNDERSTOOD = "2:not understood, nothing was done";

    private final Surroundings surroundings;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before it calls.
    private CommandSpec command;

    @Mixin
    private final ConnectionOptions connection;

    @Option(names = "--json", order = 0, description = "Print one JSON document, and nothing else, on standard output.")
    private boolean json;

    /** In these surroundings. */
    protected DeploymentCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
        connection = new ConnectionOptions(surroundings.environment());
    }

    /** Where the deployment is. */
    protected final Deployment deployment() {
        return connection.deployment();
    }

    /** Where it runs. */
    protected final Surroundings surroundings() {
        return surroundings;
    }

    /** Whether a document is wanted. */
    protected final boolean isJson() {
        return json;
    }

    /** Prints the document, or the lines, whichever is wanted. */
    protected final void print(JsonDocument.Content document, List<Row> lines) {
        Terminal out = surroundings.out().get();
        if (json) {
            out.line(JsonDocument.of(document));
        } else {
            lines.forEach(out::line);
        }
    }

    /** Says what takes long, where it is in nobody's way. */
    protected final void progress(String words) {
        surroundings.err().get().line(words);
    }

    /** What is wrong with the arguments. */
    protected final ParameterException misuse(String message) {
        return new ParameterException(command.commandLine(), message);
    }
}
