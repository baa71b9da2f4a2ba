package io.sagaz.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Runs short commands to their end, and finds programs. */
final class Command {
    private static final int LINES_SHOWN = 20;

    private Command() {}

    /**
     * What a command left behind.
     *
     * @param exitStatus 0 for success; -1 when it could not be started or did not end in time
     * @param output standard output and standard error as one text
     */
    record Result(int exitStatus, String output) {
        boolean succeeded() {
            return exitStatus == 0;
        }

        String end() {
            return lastLines(output);
        }
    }

    static Result run(Duration atMost, String... command) {
        return run(atMost, List.of(command), Optional.empty(), Map.of());
    }

    static Result run(
            Duration atMost, List<String> command, Optional<Path> directory, Map<String, String> environment) {
        Path output;
        try {
            output = Files.createTempFile("sagaz-", ".out");
        } catch (IOException e) {
            return new Result(-1, e.toString());
        }
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
            directory.ifPresent(path -> builder.directory(path.toFile()));
            builder.environment().putAll(environment);
            Process process = builder.start();
            boolean ended = false;
            try {
                ended = process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS);
            } finally {
                if (!ended) {
                    process.descendants().forEach(ProcessHandle::destroyForcibly);
                    process.destroyForcibly();
                }
            }
            String text = Files.readString(output, StandardCharsets.ISO_8859_1);
            return ended
                    ? new Result(process.exitValue(), text)
                    : new Result(-1, text + "\n(stopped after " + Progress.seconds(atMost) + ")");
        } catch (IOException e) {
            return new Result(-1, String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            throw Await.interrupted(e);
        } finally {
            deleteQuietly(output);
        }
    }

    /** The program of that name on the PATH of this process. */
    static Optional<Path> onPath(String name) {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        for (String directory : path.split(":", -1)) {
            if (directory.startsWith("/")) {
                Path candidate = Path.of(directory, name);
                if (Files.isExecutable(candidate) && !Files.isDirectory(candidate)) {
                    return Optional.of(candidate);
                }
            }
        }
        return Optional.empty();
    }

    /** The last lines of a log, indented. */
    static String lastLines(String text) {
        List<String> lines = text.lines().filter(line -> !line.isBlank()).toList();
        int from = Math.max(0, lines.size() - LINES_SHOWN);
        return lines.isEmpty() ? "  (empty)" : "  " + String.join("\n  ", lines.subList(from, lines.size()));
    }

    private static void deleteQuietly(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            file.toFile().deleteOnExit();
        }
    }
}
