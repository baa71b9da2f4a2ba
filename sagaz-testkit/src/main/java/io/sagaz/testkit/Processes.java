package io.sagaz.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Signals, and processes that are not our children. */
final class Processes {
    private static final Duration SIGNAL_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration DEATH = Duration.ofSeconds(10);

    private static final List<String> CONFIGURATIONS =
            List.of("/" + Pooler.CONFIGURATION, "/" + RedisProgram.CONFIGURATION, "/" + KafkaProgram.CONFIGURATION);

    private Processes() {}

    /** Signals for which Java has no method. The shell has: not every machine has a program called kill. */
    static void signal(ProcessHandle process, String name) {
        Command.run(SIGNAL_TIMEOUT, "sh", "-c", "kill -\"$1\" \"$2\"", "sh", name, Long.toString(process.pid()));
    }

    /** The same to a process and all its descendants. */
    static void signalTree(ProcessHandle process, String name) {
        process.descendants().forEach(each -> signal(each, name));
        signal(process, name);
    }

    /**
     * Kills a process with all its descendants and returns when all are gone, and their {@link SharedMemory} with them. Stopped
     * first, it cannot start another child while they are counted.
     */
    static void killTree(ProcessHandle process) {
        signal(process, "STOP");
        List<ProcessHandle> family = new ArrayList<>(process.descendants().toList());
        family.add(process);
        SharedMemory memory = SharedMemory.of(family);
        family.forEach(ProcessHandle::destroyForcibly);
        requireGone(family);
        memory.remove();
    }

    /** Kills the programs of the topologies below a directory (see {@link #servesFrom}) that run under the account. */
    static void killServersFrom(Path directory, Account account) {
        ProcessHandle.allProcesses()
                .filter(process -> servesFrom(directory, process) && account.mayOwn(process))
                .toList()
                .forEach(process -> {
                    if (servesFrom(directory, process)) {
                        killTree(process);
                    }
                });
    }

    /**
     * Whether a process is an initdb, a PostgreSQL, a PgBouncer or a broker whose data directory, home or configuration
     * file lies below the directory, or an epmd that works there. Somebody who only looks at a log there is left in peace.
     */
    static boolean servesFrom(Path directory, ProcessHandle process) {
        String[] arguments = process.info().arguments().orElse(new String[0]);
        String below = directory + "/";
        for (int i = 0; i < arguments.length; i++) {
            String argument = arguments[i];
            boolean data = argument.startsWith("--pgdata=" + below)
                    || (Set.of("-D", "-home").contains(argument)
                            && i + 1 < arguments.length
                            && arguments[i + 1].startsWith(below));
            boolean configuration =
                    argument.startsWith(below) && CONFIGURATIONS.stream().anyMatch(argument::endsWith);
            if (data || configuration) {
                return true;
            }
        }
        return process.info()
                        .command()
                        .filter(command -> command.endsWith("/epmd"))
                        .isPresent()
                && worksIn(process).filter(path -> path.startsWith(directory)).isPresent();
    }

    private static Optional<Path> worksIn(ProcessHandle process) {
        try {
            return Optional.of(Files.readSymbolicLink(Path.of("/proc", Long.toString(process.pid()), "cwd")));
        } catch (IOException | UnsupportedOperationException e) {
            return Optional.empty();
        }
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
