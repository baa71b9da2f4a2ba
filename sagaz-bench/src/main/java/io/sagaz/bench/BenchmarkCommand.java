package io.sagaz.bench;

import io.sagaz.bench.report.Machine;
import io.sagaz.bench.report.Report;
import io.sagaz.bench.report.ReportFiles;
import io.sagaz.bench.report.ReportJson;
import io.sagaz.bench.report.ReportTable;
import io.sagaz.bench.report.Section;
import io.sagaz.bench.report.Versions;
import io.sagaz.testkit.Topology;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bench NAME}: starts servers, runs one benchmark on them, and says what it found. */
@Command(mixinStandardHelpOptions = true, sortOptions = false)
final class BenchmarkCommand implements Callable<Integer> {
    private final Benchmark benchmark;
    private final Optional<Path> results;
    private final PrintStream out;
    private final PrintStream err;
    private final Interruption interruption;

    @Option(
            names = "--quick",
            description = "A minute or two with little data: shows that everything works. Writes no files.")
    private boolean quick;

    @Option(names = "--json", description = "Print one JSON document, and nothing else, on standard output.")
    private boolean json;

    BenchmarkCommand(
            Benchmark benchmark, Optional<Path> results, PrintStream out, PrintStream err, Interruption interruption) {
        this.interruption = interruption;
        this.benchmark = benchmark;
        this.results = results;
        this.out = out;
        this.err = err;
    }

    @Override
    public Integer call() throws SQLException, InterruptedException, IOException {
        if (json) {
            interruption.wantDocument();
        }
        requireDisk();
        Report report = run();
        interruption.finished();
        if (json) {
            out.println(ReportJson.line(report));
        } else {
            ReportTable.lines(report).forEach(out::println);
        }
        if (!quick && results.isPresent()) {
            err.println("Written to docs/benchmarks: " + String.join(", ", ReportFiles.write(report, results.get())));
        }
        return CommandLine.ExitCode.OK;
    }

    private void requireDisk() throws IOException {
        // Files.getFileStore fails in a chroot. This says zero when it does not know.
        long free = new File(System.getProperty("java.io.tmpdir", "/tmp")).getUsableSpace();
        long needed = benchmark.diskBytes(quick);
        if (free < needed) {
            throw new IOException("It takes about " + gibibytes(needed)
                    + " in the directory for temporary files, where "
                    + gibibytes(free) + " are free. Make room, set JAVA_TOOL_OPTIONS=-Djava.io.tmpdir=... to another"
                    + " directory, or use --quick");
        }
    }

    private static String gibibytes(long bytes) {
        return (bytes >> 30) + " GiB";
    }

    private Report run() throws SQLException, InterruptedException, IOException {
        Progress progress = new Progress(err);
        progress.step(
                "Starting a primary, " + (benchmark.replicas() == 1 ? "a replica" : benchmark.replicas() + " replicas")
                        + " and two PgBouncers");
        try (Topology topology = Topology.builder()
                .replicas(benchmark.replicas())
                .hotStandbyFeedback(benchmark.replicasGiveFeedback())
                .durable(true)
                .progress(progress::step)
                .start()) {
            List<Section> sections = benchmark.run(new Stage(topology, progress), quick);
            return new Report(
                    benchmark.name(),
                    benchmark.title(),
                    benchmark.circumstances(quick),
                    new Report.Run(LocalDate.now(ZoneOffset.UTC), quick, progress.elapsed()),
                    Machine.here(),
                    versions(topology),
                    sections);
        }
    }

    private static Versions versions(Topology topology) throws SQLException {
        try (Connection connection = topology.connect(topology.primaryUrl(), topology.owner())) {
            return new Versions(
                    topology.sources().postgresVersion(),
                    topology.sources().pgbouncerVersion(),
                    connection.getMetaData().getDriverVersion(),
                    Main.version());
        }
    }
}
