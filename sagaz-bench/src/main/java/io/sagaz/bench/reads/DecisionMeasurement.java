package io.sagaz.bench.reads;

import io.sagaz.bench.Stage;
import io.sagaz.bench.load.PeerVersions;
import io.sagaz.bench.measure.Rounds;
import io.sagaz.bench.report.Result;
import io.sagaz.bench.report.Section;
import io.sagaz.bench.report.Unit;
import io.sagaz.bench.report.Words;
import io.sagaz.storage.postgres.internal.route.DecisionBenchmark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** What a decision costs in this process, as JMH measures it: in each round a new JVM for each step. */
final class DecisionMeasurement {
    private static final String ALLOCATED = "gc.alloc.rate.norm";

    private final Stage stage;
    private final ReadSizes.Decision sizes;
    private final Map<String, List<Double>> nanos = new LinkedHashMap<>();
    private final Map<String, List<Double>> bytes = new LinkedHashMap<>();

    DecisionMeasurement(Stage stage, ReadSizes.Decision sizes) {
        this.stage = stage;
        this.sizes = sizes;
    }

    Section measure() throws SQLException, IOException {
        // Another JMH on this machine is not to keep this one from running: rounds and their spread show what it does.
        System.setProperty("jmh.ignoreLock", "true");
        Path servers = DecisionServers.of(stage).write();
        try {
            for (int round = 1; round <= sizes.rounds(); round++) {
                stage.progress().step("Decision: JMH, round " + round + " of " + sizes.rounds());
                new Runner(new OptionsBuilder()
                                .include("\\." + DecisionBenchmark.class.getSimpleName() + "\\.")
                                .forks(1)
                                .warmupIterations(sizes.warmUps())
                                .warmupTime(
                                        TimeValue.milliseconds(sizes.warmUp().toMillis()))
                                .measurementIterations(1)
                                .measurementTime(
                                        TimeValue.milliseconds(sizes.measured().toMillis()))
                                .addProfiler(GCProfiler.class)
                                .shouldFailOnError(true)
                                .verbosity(VerboseMode.SILENT)
                                .jvmArgsAppend(DecisionServers.argument(servers))
                                .build())
                        .run()
                        .forEach(this::note);
            }
        } catch (RunnerException e) {
            throw new IllegalStateException("JMH failed", e);
        } finally {
            Files.delete(servers);
        }
        return section();
    }

    private void note(RunResult result) {
        String label = result.getPrimaryResult().getLabel();
        String behind = result.getParams().getParam("behind");
        String name = behind == null ? label : label + behind;
        nanos.computeIfAbsent(name, any -> new ArrayList<>())
                .add(result.getPrimaryResult().getScore());
        bytes.computeIfAbsent(name, any -> new ArrayList<>())
                .add(Objects.requireNonNull(result.getSecondaryResults().get(ALLOCATED))
                        .getScore());
    }

    private Section section() {
        Result plain = result("borrow and give back, bare HikariCP", "plain");
        Result metered = result("borrow and give back, the store's pool with its meters", "metered")
                .against(plain);
        Result routed = result("borrow, decide and give back", "routed")
                .against(metered)
                .against(plain)
                .inPicture();
        Result decision = Result.median("the decision's part", Unit.NANOS, added("routed", "metered"));
        Result pool = Result.median("the pool's meters' part", Unit.NANOS, added("metered", "plain"));
        Result noted = result("noting the read in the meters", "noted");
        List<Result> results = new ArrayList<>(List.of(
                decision,
                pool,
                noted,
                routed,
                metered,
                plain,
                result("bound and verdict alone, newest sample", "judged1"),
                result("bound and verdict alone, 2000 samples behind", "judged2000")));
        for (Map.Entry<String, String> step : Map.of(
                        "routed", "borrow, decide and give back, allocated",
                        "metered", "borrow and give back, the store's pool with its meters, allocated",
                        "plain", "borrow and give back, bare HikariCP, allocated",
                        "noted", "noting the read in the meters, allocated")
                .entrySet()) {
            results.add(Result.median(step.getValue(), Unit.BYTES, rounds(bytes, step.getKey())));
        }
        return new Section(
                "decision in this process",
                "JMH " + new PeerVersions().of("jmh") + ", one thread, " + sizes.rounds()
                        + " JVMs for each line in alternation. A replica's position that was heard less than 250 ms ago is enough"
                        + " for `atMost(5 s)`; the asking again that its age brings is in the numbers. A part is the difference"
                        + " of two lines, round by round.",
                results,
                "Of a read's time, the decision takes " + Words.micros(decision.value()) + ", the pool's meters "
                        + Words.micros(pool.value()) + " and the meters of reads " + Words.micros(noted.value())
                        + ": together " + Words.micros(beside()) + ".");
    }

    /** Nanoseconds that a routed read takes in this process beside what a bare pool does, where its parts were measured. */
    double beside() {
        return added("routed", "plain").median() + rounds(nanos, "noted").median();
    }

    private Rounds added(String name, String without) {
        List<Double> more = rounds(nanos, name).values();
        List<Double> less = rounds(nanos, without).values();
        return new Rounds(IntStream.range(0, more.size())
                .mapToObj(round -> more.get(round) - less.get(round))
                .toList());
    }

    private Result result(String title, String name) {
        return Result.median(title, Unit.NANOS, rounds(nanos, name));
    }

    private static Rounds rounds(Map<String, List<Double>> of, String name) {
        List<Double> values = of.get(name);
        if (values == null) {
            throw new IllegalStateException("JMH has measured no " + name + " but " + of.keySet());
        }
        return new Rounds(values);
    }
}
