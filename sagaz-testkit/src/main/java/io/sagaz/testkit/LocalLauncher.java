package io.sagaz.testkit;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs programs as processes of this machine, detached from the terminal, so that Ctrl-C reaches this JVM alone. */
final class LocalLauncher implements Launcher {
    private final Account account;
    private final Path directory;
    private final List<String> detach;

    LocalLauncher(Account account, Path directory) {
        this.account = account;
        this.directory = directory;
        this.detach =
                Command.onPath("setsid").map(path -> List.of(path.toString())).orElse(List.of());
    }

    @Override
    public Execution launch(Children.Program program) throws IOException {
        List<String> command = new ArrayList<>(detach);
        command.addAll(account.prefix());
        command.addAll(program.command());
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(program.log().toFile()));
        clean(builder.environment());
        return new LocalExecution(builder.start(), account.forks());
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

    /** A process of ours. */
    private record LocalExecution(Process process, boolean forks) implements Execution {
        private static final long REAPED_MILLIS = 20;

        @Override
        public boolean isRunning() {
            return process.isAlive();
        }

        @Override
        public boolean endsWithin(Duration time) throws InterruptedException {
            return process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
        }

        @Override
        public int exitStatus() {
            return process.exitValue();
        }

        @Override
        public void signal(String name) {
            if (isRunning()) {
                if (name.equals("TERM")) {
                    target().destroy();
                } else {
                    Processes.signal(target(), name);
                }
            }
        }

        @Override
        public void freeze() {
            Processes.signalTree(target(), "STOP");
        }

        @Override
        public void thaw() {
            Processes.signalTree(target(), "CONT");
        }

        @Override
        public void kill() {
            if (isRunning()) {
                Processes.killTree(target());
                awaitExit();
            }
        }

        /**
         * Waits until a killed program is not only dead but reaped, by the JVM or by the process in between: until then its
         * id looks alive, and a new server would refuse to replace it. The process in between stops itself when its child
         * is stopped, so it is told to go on.
         */
        private void awaitExit() {
            boolean interrupted = false;
            while (isRunning()) {
                try {
                    if (!process.waitFor(REAPED_MILLIS, TimeUnit.MILLISECONDS) && forks) {
                        Processes.signal(process.toHandle(), "CONT");
                    }
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }

        /** The program itself, where becoming another user left a process in between. */
        private ProcessHandle target() {
            ProcessHandle own = process.toHandle();
            return forks ? process.children().findFirst().orElse(own) : own;
        }
    }
}
