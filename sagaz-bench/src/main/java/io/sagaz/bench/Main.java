package io.sagaz.bench;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code bench}. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        header = "Measures Sagaz on a replicated PostgreSQL of its own.",
        synopsisSubcommandLabel = "NAME",
        commandListHeading = "%nBenchmarks:%n")
public final class Main implements Runnable {
    /** Where a full run writes its document, page and picture; set by {@code ./bench}. */
    private static final String RESULTS = "sagaz.bench.results";

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before it runs.
    private CommandSpec command;

    private Main() {}

    /** Carries out the command and ends the JVM with its status: 0 done, 1 failed, 2 not understood. */
    public static void main(String[] arguments) {
        PrintStream out = stream(FileDescriptor.out);
        PrintStream err = stream(FileDescriptor.err);
        Interruption interruption = new Interruption(out, err);
        interruption.listen();
        Optional<Path> results =
                Optional.ofNullable(System.getProperty(RESULTS)).map(Path::of);
        int status =
                commandLine(Benchmarks.all(), results, out, err, interruption).execute(arguments);
        interruption.finished();
        System.exit(status);
    }

    static CommandLine commandLine(
            List<Benchmark> benchmarks,
            Optional<Path> results,
            PrintStream out,
            PrintStream err,
            Interruption interruption) {
        CommandLine line = new CommandLine(new Main());
        for (Benchmark benchmark : benchmarks) {
            CommandLine subcommand = new CommandLine(new BenchmarkCommand(benchmark, results, out, err, interruption));
            subcommand.getCommandSpec().usageMessage().header(benchmark.title());
            line.addSubcommand(benchmark.name(), subcommand);
        }
        return line.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
                .setParameterExceptionHandler((mistake, arguments) -> {
                    String meant = mistake.getCommandLine().getCommandSpec().qualifiedName();
                    err.println(meant + ": " + mistake.getMessage());
                    err.println("Try: " + meant + " --help");
                    return CommandLine.ExitCode.USAGE;
                })
                .setExecutionExceptionHandler((failure, failed, arguments) -> new Failures(out, err, interruption)
                        .report(
                                failure,
                                failed.getCommandSpec().qualifiedName(),
                                arguments.subcommand().hasMatchedOption("--json")));
    }

    /** Without a name: the list of names. */
    @Override
    public void run() {
        command.commandLine().usage(command.commandLine().getOut());
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }

    /** The version of the jar. */
    static String version() {
        return Optional.ofNullable(Main.class.getPackage().getImplementationVersion())
                .orElse("(not built as a jar)");
    }

    /** Reads the version from the manifest of the jar. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"sagaz " + version()};
        }
    }
}
