package io.sagaz.bench.testkit;

import io.sagaz.bench.Progress;
import io.sagaz.bench.measure.Series;
import io.sagaz.bench.report.Result;
import io.sagaz.bench.report.Section;
import io.sagaz.bench.report.Unit;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** How long it takes until a topology is there, out of each source, in a JVM that has done nothing before. */
final class StartMeasurement {
    private static final double TARGET_SECONDS = 5;
    private static final double NANOS = 1e9;

    private final Progress progress;
    private final TestkitSizes sizes;
    private final Series<Cell> seconds = new Series<>();
    private final Map<Origin, String> versions = new EnumMap<>(Origin.class);
    private final Set<Origin> missing = EnumSet.noneOf(Origin.class);

    private record Cell(Origin origin, boolean cold, Part part) {}

    private enum Part {
        START,
        ALL
    }

    StartMeasurement(Progress progress, TestkitSizes sizes) {
        this.progress = progress;
        this.sizes = sizes;
    }

    Section measure() throws IOException, InterruptedException {
        Path warm = directory();
        try {
            for (Origin origin : Origin.values()) {
                progress.step("Starts, " + origin.title() + ": whether there are such programs here");
                if (!run(origin, warm, List.of(), false, false)) {
                    missing.add(origin);
                }
            }
            for (int round = 0; round < sizes.starts(); round++) {
                for (Origin origin : Origin.values()) {
                    if (!missing.contains(origin)) {
                        measure(origin, warm, round);
                    }
                }
            }
        } finally {
            delete(warm);
        }
        return section();
    }

    private void measure(Origin origin, Path warm, int round) throws IOException, InterruptedException {
        progress.step("Starts, " + origin.title() + ", round " + (round + 1) + " of " + sizes.starts());
        require(run(origin, warm, List.of(), false, true), origin);
        if (hasColdStarts(origin)) {
            Path cold = directory();
            try {
                Path repository = Files.createDirectory(cold.resolve("repository"));
                require(run(origin, cold, List.of("-Dmaven.repo.local=" + repository), true, true), origin);
            } finally {
                delete(cold);
            }
        }
    }

    private boolean hasColdStarts(Origin origin) {
        return sizes.cold() && origin.isFetched();
    }

    private static void require(boolean started, Origin origin) throws IOException {
        if (!started) {
            throw new IOException("The topology out of " + origin.title() + " did not start again");
        }
    }

    /** Whether it started. */
    private boolean run(Origin origin, Path temporary, List<String> more, boolean cold, boolean counts)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home", ""), "bin", "java").toString());
        for (String passed : List.of("sagaz.testkit.install", "sagaz.testkit.maven")) {
            if (System.getProperty(passed) != null) {
                command.add("-D" + passed + "=" + System.getProperty(passed));
            }
        }
        command.add("-Djava.io.tmpdir=" + temporary);
        command.addAll(origin.properties());
        command.addAll(more);
        command.addAll(List.of("-cp", System.getProperty("java.class.path", ""), StartMain.class.getName()));
        long begin = System.nanoTime();
        Process jvm = new ProcessBuilder(command).redirectErrorStream(true).start();
        List<String> lines = new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        boolean succeeded = jvm.waitFor() == 0;
        double all = (System.nanoTime() - begin) / NANOS;
        if (!succeeded) {
            lines.stream()
                    .filter(line -> line.contains("TopologyException"))
                    .findFirst()
                    .ifPresent(progress::note);
            return false;
        }
        List<String> said = lines.stream()
                .filter(line -> line.startsWith(StartMain.MARK))
                .map(line -> List.of(line.split(" ", -1)))
                .findFirst()
                .orElseThrow();
        versions.put(origin, said.get(2));
        if (counts) {
            seconds.add(new Cell(origin, cold, Part.START), Long.parseLong(said.get(1)) / NANOS);
            seconds.add(new Cell(origin, cold, Part.ALL), all);
        }
        return true;
    }

    private Section section() {
        List<Result> results = new ArrayList<>();
        for (Origin origin : Origin.values()) {
            if (missing.contains(origin)) {
                continue;
            }
            Result start = result(origin, false, Part.START);
            results.add(
                    origin == Origin.CONTAINERS
                            ? start
                            : start.shouldBe("at most 5 s", result -> result.value() <= TARGET_SECONDS));
            results.add(result(origin, false, Part.ALL));
            if (hasColdStarts(origin)) {
                results.add(result(origin, true, Part.START));
                results.add(result(origin, true, Part.ALL));
            }
        }
        String which = versions.entrySet().stream()
                .map(each -> each.getKey().title() + " is " + each.getValue())
                .collect(Collectors.joining(", "));
        String left = missing.isEmpty()
                ? ""
                : " Left out, for there are none on this machine: "
                        + missing.stream().map(Origin::title).collect(Collectors.joining(", ")) + ".";
        return new Section(
                "a topology starts",
                "Each start is in a JVM of its own. \"Start\" is what `Topology.startedIn()` says: from the call until logins"
                        + " through both poolers work and both replicas have caught up; \"whole JVM\" also has the start and the end of"
                        + " the JVM and `close()`. Cold: with an empty cache and an empty repository of Maven, which fetches the"
                        + " binaries and whatever it needs itself. Warm: after one start that does not count. Images are there before.",
                results,
                "PostgreSQL: " + which + "." + left);
    }

    private Result result(Origin origin, boolean cold, Part part) {
        return Result.median(
                origin.title() + (cold ? ", cold" : "") + ", " + (part == Part.START ? "start" : "whole JVM"),
                Unit.SECONDS,
                seconds.of(new Cell(origin, cold, part)));
    }

    /** That the user of the servers may enter. */
    private static Path directory() throws IOException {
        Path directory = Files.createTempDirectory("sagaz-bench-");
        return Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> tree = Files.walk(directory)) {
            tree.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        }
    }
}
