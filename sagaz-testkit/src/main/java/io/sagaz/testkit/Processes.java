package io.sagaz.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Signals, and processes that are not our children. */
final class Processes {
    private static final Duration SIGNAL_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration DEATH = Duration.ofSeconds(10);

    private Processes() {}

    /** Signals for which Java has no method. The shell has: not every machine has a program called kill. */
    static void signal(ProcessHandle process, String name) {
        Command.run(SIGNAL_TIMEOUT, "sh", "-c", "kill -\"$1\" \"$2\"", "sh", name, Long.toString(process.pid()));
    }

    /**
     * Kills a process with all its descendants and returns when all are gone. Stopped first, it cannot start another
     * child while they are counted.
     */
    static void killTree(ProcessHandle process) {
        signal(process, "STOP");
        List<ProcessHandle> family = new ArrayList<>(process.descendants().toList());
        family.add(process);
        family.forEach(ProcessHandle::destroyForcibly);
        requireGone(family);
    }

    /**
     * Kills every process that was started for a directory: each program of a topology has a path below its directory
     * among its arguments.
     */
    static void killAllOf(Path directory) {
        List<ProcessHandle> found = ProcessHandle.allProcesses()
                .filter(p -> belongsTo(p, directory))
                .toList();
        found.forEach(process -> {
            if (process.isAlive() && belongsTo(process, directory)) {
                killTree(process);
            }
        });
    }

    static boolean belongsTo(ProcessHandle process, Path directory) {
        return process.pid() != ProcessHandle.current().pid()
                && process.info()
                        .arguments()
                        .map(arguments -> Arrays.stream(arguments)
                                .anyMatch(argument -> argument.startsWith(directory + "/")
                                        || argument.contains("=" + directory + "/")))
                        .orElse(false);
    }

    /** Whether the process has ended. One that only waits for its parent to notice (a zombie) has. */
    static boolean isGone(ProcessHandle process) {
        if (!process.isAlive()) {
            return true;
        }
        try {
            String stat = Files.readString(
                    Path.of("/proc", Long.toString(process.pid()), "stat"), StandardCharsets.ISO_8859_1);
            int state = stat.lastIndexOf(')') + 2;
            return state < stat.length() && "ZX".indexOf(stat.charAt(state)) >= 0;
        } catch (IOException e) {
            return !process.isAlive();
        }
    }

    private static void requireGone(List<ProcessHandle> processes) {
        if (!Await.holds(DEATH, () -> processes.stream().allMatch(Processes::isGone))) {
            throw new TopologyException("Processes survived SIGKILL: "
                    + processes.stream()
                            .filter(process -> !isGone(process))
                            .map(ProcessHandle::pid)
                            .toList());
        }
    }
}
