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
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

    private record Cell(Start start, Part part) {}

    private record Start(Origin origin, Place place, boolean cold) {
        String title() {
            return origin.title() + place.title() + (cold ? ", cold" : "");
        }
    }

    private enum Part {
        START,
        ALL
    }

    StartMeasurement(Progress progress, TestkitSizes sizes) {
        this.progress = progress;
        this.sizes = sizes;
    }

    Section measure() throws IOException, InterruptedException {
        Map<Place, Path> warm = new EnumMap<>(Place.class);
        try {
            for (Place place : Place.values()) {
                if (place.isThere()) {
                    warm.put(place, place.directory());
                }
            }
            for (Origin origin : Origin.values()) {
                progress.step("Starts, " + origin.title() + ": whether there are such programs here");
                if (!run(new Start(origin, Place.DISK, false), Objects.requireNonNull(warm.get(Place.DISK)), false)) {
                    missing.add(origin);
                }
            }
            for (int round = 0; round < sizes.starts(); round++) {
                for (Start start : starts()) {
                    progress.step("Starts, " + start.title() + ", round " + (round + 1) + " of " + sizes.starts());
                    measure(start, warm);
                }
            }
        } finally {
            for (Path directory : warm.values()) {
                delete(directory);
            }
        }
        return section();
    }

    private List<Start> starts() {
        List<Start> starts = new ArrayList<>();
        for (Origin origin : Origin.values()) {
            if (!missing.contains(origin)) {
                starts.add(new Start(origin, Place.DISK, false));
                if (hasColdStarts(origin)) {
                    starts.add(new Start(origin, Place.DISK, true));
                }
                if (origin == Origin.INSTALLED && Place.MEMORY.isThere()) {
                    starts.add(new Start(origin, Place.MEMORY, false));
                }
            }
        }
        return starts;
    }

    private void measure(Start start, Map<Place, Path> warm) throws IOException, InterruptedException {
        Path directory = start.cold() ? start.place().directory() : Objects.requireNonNull(warm.get(start.place()));
        try {
            if (!run(start, directory, true)) {
                throw new IOException("The topology out of " + start.title() + " did not start again");
            }
        } finally {
            if (start.cold()) {
                delete(directory);
            }
        }
    }

    private boolean hasColdStarts(Origin origin) {
        return sizes.cold() && origin.isFetched();
    }

    /** Whether it started. */
    private boolean run(Start start, Path temporary, boolean counts) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home", ""), "bin", "java").toString());
        for (String passed : List.of("sagaz.testkit.install", "sagaz.testkit.maven")) {
            if (System.getProperty(passed) != null) {
                command.add("-D" + passed + "=" + System.getProperty(passed));
            }
        }
        command.add("-Djava.io.tmpdir=" + temporary);
        command.addAll(start.origin().properties());
        if (start.cold()) {
            command.add("-Dmaven.repo.local=" + Files.createDirectory(temporary.resolve("repository")));
        }
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
        versions.put(start.origin(), said.get(2));
        if (counts) {
            seconds.add(new Cell(start, Part.START), Long.parseLong(said.get(1)) / NANOS);
            seconds.add(new Cell(start, Part.ALL), all);
        }
        return true;
    }

    private Section section() {
        List<Result> results = new ArrayList<>();
        for (Start each : starts()) {
            Result start = result(each, Part.START);
            boolean hasTarget = !each.cold() && each.origin() != Origin.CONTAINERS;
            results.add(hasTarget ? start.shouldBe("at most 5 s", result -> result.value() <= TARGET_SECONDS) : start);
            results.add(result(each, Part.ALL));
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
                        + " binaries and whatever it needs itself. Warm: after one start that does not count. Images are there before. In memory: all"
                        + " files of the servers are in " + Place.MEMORY.parent() + ".",
                results,
                "PostgreSQL: " + which + "." + left);
    }

    private Result result(Start start, Part part) {
        return Result.median(
                start.title() + ", " + (part == Part.START ? "start" : "whole JVM"),
                Unit.SECONDS,
                seconds.of(new Cell(start, part)));
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> tree = Files.walk(directory)) {
            tree.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        }
    }
}
