package io.sagaz.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** The command line in a JVM of its own, as a user runs it. */
final class ChildSagaz implements AutoCloseable {
    private static final Duration DEADLINE = Duration.ofMinutes(2);

    private final Process process;
    private final BlockingQueue<String> out = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> words = new LinkedBlockingQueue<>();
    private final List<Thread> readers;

    private ChildSagaz(Process process) {
        this.process = process;
        this.readers = List.of(read(process.getInputStream(), out), read(process.getErrorStream(), words));
    }

    static ChildSagaz start(String... arguments) throws IOException {
        return start(Map.of(), arguments);
    }

    /** With more variables in its environment. */
    static ChildSagaz start(Map<String, String> environment, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        System.getProperties().stringPropertyNames().stream()
                .filter(name -> name.startsWith("sagaz.testkit."))
                .forEach(name -> command.add("-D" + name + "=" + System.getProperty(name)));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        return new ChildSagaz(builder.start());
    }

    /** The next line on standard output. */
    String awaitLine() throws InterruptedException {
        return await(out, "a line on standard output");
    }

    /** The lines on standard output, up to this one. */
    List<String> awaitLines(String last) throws InterruptedException {
        List<String> lines = new ArrayList<>();
        while (lines.isEmpty() || !lines.get(lines.size() - 1).equals(last)) {
            lines.add(await(out, "\"" + last + "\" after " + lines));
        }
        return lines;
    }

    /** Waits for a line on standard error that contains this. */
    void awaitWords(String part) throws InterruptedException {
        List<String> before = new ArrayList<>();
        while (before.isEmpty() || !before.get(before.size() - 1).contains(part)) {
            before.add(await(words, "\"" + part + "\" after " + before));
        }
    }

    /** Waits for the end and gives the exit status. */
    int awaitExit() throws InterruptedException {
        if (!process.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("Still running after " + DEADLINE);
        }
        for (Thread reader : readers) {
            reader.join(DEADLINE.toMillis());
        }
        return process.exitValue();
    }

    /** What is left of standard output and standard error, after the end. */
    List<String> remainingOutput() {
        return List.copyOf(out);
    }

    List<String> remainingWords() {
        return List.copyOf(words);
    }

    /** SIGTERM. (The method of the same purpose in Process would close our ends of its streams as well.) */
    void terminate() {
        process.toHandle().destroy();
    }

    /** SIGKILL. */
    void kill() {
        process.destroyForcibly();
    }

    /** The servers that it has started, and the directories they work in. */
    Servers servers() {
        List<ProcessHandle> processes = process.descendants().toList();
        List<Path> directories = processes.stream()
                .flatMap(handle -> Stream.of(handle.info().arguments().orElse(new String[0])))
                .filter(argument -> argument.startsWith("/"))
                .map(Path::of)
                .filter(path -> Files.isDirectory(path) && Files.exists(path.resolve("PG_VERSION")))
                .toList();
        return new Servers(processes, directories);
    }

    /**
     * What was started.
     *
     * @param processes the processes
     * @param directories the data directories among their arguments
     */
    record Servers(List<ProcessHandle> processes, List<Path> directories) {
        /** The processes and directories that are still there; each process gets a moment to end. */
        List<Object> left() {
            List<Object> left = new ArrayList<>();
            for (ProcessHandle handle : processes) {
                try {
                    handle.onExit().get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                } catch (ExecutionException | TimeoutException e) {
                    left.add(handle);
                }
            }
            directories.stream().filter(Files::exists).forEach(left::add);
            return left;
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private static String await(BlockingQueue<String> lines, String what) throws InterruptedException {
        return Optional.ofNullable(lines.poll(DEADLINE.toSeconds(), TimeUnit.SECONDS))
                .orElseThrow(() -> new AssertionError("Waited in vain for " + what));
    }

    private static Thread read(InputStream stream, BlockingQueue<String> lines) {
        Thread reader = new Thread(() -> {
            try (BufferedReader text = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                for (String line = text.readLine(); line != null; line = text.readLine()) {
                    lines.add(line);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        reader.setDaemon(true);
        reader.start();
        return reader;
    }
}
