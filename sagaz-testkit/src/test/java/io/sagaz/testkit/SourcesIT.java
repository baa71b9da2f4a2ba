package io.sagaz.testkit;

import io.sagaz.testkit.SuiteResult.Ending;
import java.io.File;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.testcontainers.DockerClientFactory;

/**
 * The tests of topologies, faults and databases once more, on programs that those who run them here do not have. Each source has
 * a JVM of its own, whose output is in {@code target/sources}; they run side by side.
 *
 * <p>Containers need an engine: the one that Testcontainers finds, or with {@code SAGAZ_TEST_ENGINE=start} one that is started
 * for this (scripts/test-engine.sh). Without one, or with {@code none}, they are skipped.
 */
class SourcesIT {
    private static final List<Class<?>> SUITE =
            List.of(TopologyIT.class, FaultsIT.class, HeldFaultsIT.class, TestDatabaseIT.class);
    private static final long MOST_MINUTES = 10;
    private static final int NO_ENGINE = 69;
    private static final Path OUTPUT = Path.of("target", "sources");
    private static final Path ENGINE = Path.of("..", "scripts", "test-engine.sh");

    private final List<Run> runs = new ArrayList<>();

    @AfterEach
    void end() {
        runs.forEach(Run::end);
    }

    @TestFactory
    Stream<DynamicContainer> theSameTestsPass() throws IOException {
        Files.createDirectories(OUTPUT);
        start("maven 14", List.of(), Map.of(Settings.SOURCE, "maven", Settings.POSTGRES, "14"), SUITE);
        start("maven 18", List.of(), Map.of(Settings.SOURCE, "maven", Settings.POSTGRES, "18"), SUITE);
        Stream<DynamicContainer> containers = containers();
        return Stream.concat(runs.stream().map(run -> container(run.name, run::ended)), containers);
    }

    private Stream<DynamicContainer> containers() throws IOException {
        String name = "containers";
        String wanted = Objects.requireNonNullElse(System.getenv("SAGAZ_TEST_ENGINE"), "");
        boolean start = wanted.equals("start");
        Optional<String> without = switch (wanted) {
            case "start" -> Optional.empty();
            case "none" -> Optional.of("SAGAZ_TEST_ENGINE=none");
            default -> withoutEngine();
        };
        if (without.isPresent()) {
            return Stream.of(container(name, () -> List.of(noEngine(without.get()))));
        }
        List<Class<?>> classes = new ArrayList<>(SUITE);
        classes.add(ContainersIT.class);
        start(name, start ? List.of(ENGINE.toString()) : List.of(), Map.of(Settings.SOURCE, "containers"), classes);
        return Stream.empty();
    }

    /** Why there is no engine that would do; empty if there is one. */
    private static Optional<String> withoutEngine() {
        if (!System.getProperty("os.name").startsWith("Linux")) {
            return Optional.of("this is not Linux");
        }
        try {
            DockerClientFactory found = DockerClientFactory.instance();
            URI address = found.getTransportConfig().getDockerHost();
            return address.getScheme().equals("unix")
                    ? Engine.unfit(found.getInfo())
                    : Optional.of(address + " may be another machine");
        } catch (IllegalStateException e) {
            return Optional.of("Testcontainers finds none");
        }
    }

    private static SuiteResult noEngine(String why) {
        return new SuiteResult(
                "an engine is there",
                Ending.SKIPPED,
                "no container engine: " + why + "; start one on this machine as root, or set SAGAZ_TEST_ENGINE=start"
                        + " (see CONTRIBUTING.md)");
    }

    private interface Results {
        List<SuiteResult> get();
    }

    private static DynamicContainer container(String name, Results results) {
        // A stream, so that it is waited for when its turn comes.
        return DynamicContainer.dynamicContainer(
                name,
                Stream.of(results)
                        .flatMap(each -> each.get().stream())
                        .map(result -> DynamicTest.dynamicTest(result.name(), result::repeat)));
    }

    private void start(String name, List<String> around, Map<String, String> settings, List<Class<?>> classes)
            throws IOException {
        Path results = OUTPUT.resolve(name.replace(' ', '-') + ".results");
        Files.deleteIfExists(results);
        List<String> command = new ArrayList<>(around);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        System.getProperties().stringPropertyNames().stream()
                .filter(property -> property.startsWith("sagaz.")
                        || property.equals("java.io.tmpdir")
                        || property.equals(Settings.REPOSITORY))
                .filter(property -> !settings.containsKey(property))
                .forEach(property -> command.add("-D" + property + "=" + System.getProperty(property)));
        settings.forEach((setting, value) -> command.add("-D" + setting + "=" + value));
        command.addAll(
                List.of("-cp", System.getProperty("java.class.path"), SuiteMain.class.getName(), results.toString()));
        classes.forEach(type -> command.add(type.getName()));
        File log = OUTPUT.resolve(name.replace(' ', '-') + ".log").toFile();
        runs.add(new Run(
                name,
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(log)
                        .start(),
                results,
                log.toPath()));
    }

    private record Run(String name, Process process, Path results, Path log) {
        List<SuiteResult> ended() {
            try {
                if (!process.waitFor(MOST_MINUTES, TimeUnit.MINUTES)) {
                    return failed("was not done after " + MOST_MINUTES + " minutes");
                }
                if (process.exitValue() == NO_ENGINE) {
                    return List.of(noEngine(lastLine()));
                }
                if (process.exitValue() != 0) {
                    return failed("ended with exit status " + process.exitValue());
                }
                try (ObjectInputStream in = new ObjectInputStream(Files.newInputStream(results))) {
                    SuiteResult[] all = (SuiteResult[]) in.readObject();
                    return all.length == 0 ? failed("ran no test") : List.of(all);
                }
            } catch (IOException | ClassNotFoundException e) {
                return failed("left no results: " + e);
            } catch (InterruptedException e) {
                throw Await.interrupted(e);
            }
        }

        private List<SuiteResult> failed(String what) {
            return List.of(new SuiteResult(
                    "the JVM runs all tests",
                    Ending.FAILED,
                    "The JVM for " + name + " " + what + ":\n" + LogFile.end(log)));
        }

        private String lastLine() {
            return LogFile.read(log, 0).lines().reduce("", (before, line) -> line);
        }

        void end() {
            process.descendants().forEach(ProcessHandle::destroy);
            process.destroy();
        }
    }
}
