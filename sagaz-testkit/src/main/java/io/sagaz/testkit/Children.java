package io.sagaz.testkit;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The running programs of one topology. Stops them in order; and once closed, starts no more.
 *
 * <p>Thread-safe. Starting and closing exclude each other; that is what makes it certain that a topology closed by the
 * shutdown hook while it still starts leaves nothing behind.
 */
final class Children {
    private final Launcher launcher;
    private final Set<Child> running = new LinkedHashSet<>();
    private boolean closed;

    Children(Launcher launcher) {
        this.launcher = launcher;
    }

    /**
     * What to start.
     *
     * @param name how messages call it
     * @param purpose why it runs, for messages
     * @param stage when it is stopped, low numbers first
     * @param stopSignal what makes it end quickly and in order
     * @param image what holds the program; empty when this machine does
     * @param command program and arguments; such as {@link Processes#servesFrom} recognises
     * @param log where its output is appended
     */
    record Program(
            String name,
            String purpose,
            int stage,
            String stopSignal,
            Optional<String> image,
            List<String> command,
            Path log) {
        /** A program of this machine. */
        Program(String name, String purpose, int stage, String stopSignal, List<String> command, Path log) {
            this(name, purpose, stage, stopSignal, Optional.empty(), command, log);
        }
    }

    synchronized Child start(Program program) {
        if (closed) {
            throw new TopologyException("The topology is closed: " + program.name() + " is not started");
        }
        running.removeIf(child -> !child.isRunning());
        long logStart = program.log().toFile().length();
        try {
            Child child = new Child(program, launcher.launch(program), logStart);
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
}
