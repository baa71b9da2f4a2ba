package io.sagaz.testkit;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The running programs of one topology. Starts them detached from the terminal, so that Ctrl-C reaches this JVM alone
 * and it can stop them in order; and once closed, starts no more.
 *
 * <p>Thread-safe. Starting and closing exclude each other; that is what makes it certain that a topology closed by the
 * shutdown hook while it still starts leaves nothing behind.
 */
final class Children {
    private final Account account;
    private final Path directory;
    private final List<String> detach;
    private final Set<Child> running = new LinkedHashSet<>();
    private boolean closed;

    Children(Account account, Path directory) {
        this.account = account;
        this.directory = directory;
        this.detach =
                Command.onPath("setsid").map(path -> List.of(path.toString())).orElse(List.of());
    }

    /**
     * What to start.
     *
     * @param name how messages call it
     * @param purpose why it runs, for messages
     * @param stage when it is stopped, low numbers first
     * @param stopSignal what makes it end quickly and in order
     * @param command program and arguments; such as {@link Processes#servesFrom} recognises
     * @param log where its output is appended
     */
    record Program(String name, String purpose, int stage, String stopSignal, List<String> command, Path log) {}

    synchronized Child start(Program program) {
        if (closed) {
            throw new TopologyException("The topology is closed: " + program.name() + " is not started");
        }
        running.removeIf(child -> !child.isRunning());
        List<String> command = new ArrayList<>(detach);
        command.addAll(account.prefix());
        command.addAll(program.command());
        long logStart = program.log().toFile().length();
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(program.log().toFile()));
        clean(builder.environment());
        try {
            Child child = new Child(program, builder.start(), account.forks(), logStart);
            running.add(child);
            return child;
        } catch (IOException e) {
            throw new TopologyException(
                    "Cannot start " + program.name() + " (" + program.purpose() + "): " + e.getMessage(), e);
        }
    }

    /** Stops everything, stage by stage. Does nothing the second time. */
    synchronized void close() {
        closed = true;
        running.stream()
                .mapToInt(child -> child.program().stage())
                .distinct()
                .sorted()
                .forEach(stage -> {
                    List<Child> together = running.stream()
                            .filter(child -> child.program().stage() == stage)
                            .toList();
                    together.forEach(Child::requestStop);
                    together.forEach(Child::awaitStop);
                });
        running.clear();
    }

    /** Nothing in the environment of this JVM may change how a server behaves or in which language it speaks. */
    private static void clean(Map<String, String> environment) {
        environment
                .keySet()
                .removeIf(name -> name.startsWith("PG") || name.startsWith("LC_") || name.equals("LANGUAGE"));
        environment.remove("NOTIFY_SOCKET");
        environment.remove("LISTEN_FDS");
        environment.remove("LISTEN_PID");
        environment.put("LC_ALL", "C");
    }
}
