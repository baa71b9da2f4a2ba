package io.sagaz.cli;

import io.sagaz.cli.doctor.DoctorCommand;
import io.sagaz.cli.init.InitCommand;
import io.sagaz.cli.operate.DeadLetterCommands;
import io.sagaz.cli.operate.MigrateCommand;
import io.sagaz.cli.operate.OutboxCommands;
import io.sagaz.cli.operate.PartitionCommands;
import io.sagaz.cli.operate.SagaCommands;
import io.sagaz.cli.operate.StatusCommand;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** {@code sagaz}. */
@Command(
        name = "sagaz",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        header = "Durable saga state in PostgreSQL, with reads routed to replicas under a proved staleness bound.",
        synopsisSubcommandLabel = "COMMAND")
public final class Main implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before it runs.
    private CommandSpec command;

    private Main() {}

    /**
     * Carries out the command and ends the JVM with its status: 0 done, 1 failed or found wrong, 2 not understood. A command may
     * have others; its help says which.
     */
    public static void main(String[] arguments) {
        Shutdown shutdown = Shutdown.listen();
        int status = commandLine(Surroundings.ofProcess(shutdown)).execute(arguments);
        shutdown.finished();
        System.exit(status);
    }

    static CommandLine commandLine(Surroundings surroundings) {
        Shutdown shutdown = surroundings.shutdown();
        return new CommandLine(new Main())
                .addSubcommand(new DemoCommand(shutdown))
                .addSubcommand(new UpCommand(shutdown))
                .addSubcommand(InitCommand.commandLine())
                .addSubcommand(new StatusCommand(surroundings))
                .addSubcommand(new DoctorCommand(surroundings))
                .addSubcommand(new MigrateCommand(surroundings))
                .addSubcommand(PartitionCommands.group(surroundings))
                .addSubcommand(SagaCommands.group(surroundings))
                .addSubcommand(OutboxCommands.group(surroundings))
                .addSubcommand(DeadLetterCommands.group(surroundings))
                .addSubcommand(new CompletionCommand(surroundings))
                .setParameterExceptionHandler((mistake, arguments) -> {
                    CommandSpec meant = mistake.getCommandLine().getCommandSpec();
                    PrintWriter words = mistake.getCommandLine().getErr();
                    words.printf("%s: %s%n", meant.qualifiedName(), mistake.getMessage());
                    CommandLine.UnmatchedArgumentException.printSuggestions(mistake, words);
                    words.printf("Try: %s --help%n", meant.qualifiedName());
                    return CommandLine.ExitCode.USAGE;
                })
                .setExecutionExceptionHandler((failure, failed, arguments) -> Failures.report(
                        failure,
                        failed.getCommandSpec().qualifiedName(),
                        innermost(arguments).hasMatchedOption("--json"),
                        surroundings));
    }

    private static ParseResult innermost(ParseResult arguments) {
        return arguments.hasSubcommand() ? innermost(arguments.subcommand()) : arguments;
    }

    @Override
    public void run() {
        throw new ParameterException(
                command.commandLine(),
                "Say what to do: " + String.join(", ", command.subcommands().keySet()) + ".");
    }

    /** Reads the version from the manifest of the jar. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {"sagaz " + (version == null ? "(not built as a jar)" : version)};
        }
    }
}
