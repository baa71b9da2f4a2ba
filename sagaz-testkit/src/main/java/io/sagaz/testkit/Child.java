package io.sagaz.testkit;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** One program that was started and may have ended since. Thread-safe. */
final class Child {
    private static final Duration POLITE = Duration.ofSeconds(8);
    private static final long ASK_AGAIN_MILLIS = 300;
    private static final long REAPED_MILLIS = 20;

    private final Children.Program program;
    private final Process process;
    private final boolean forks;
    private final long logStart;

    Child(Children.Program program, Process process, boolean forks, long logStart) {
        this.program = program;
        this.process = process;
        this.forks = forks;
        this.logStart = logStart;
    }

    Children.Program program() {
        return program;
    }

    boolean isRunning() {
        return process.isAlive();
    }

    /** Waits for a program that ends by itself. */
    void awaitSuccess(Duration atMost) {
        try {
            if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
                kill();
                throw failure("did not end within " + Progress.seconds(atMost));
            }
        } catch (InterruptedException e) {
            kill();
            throw Await.interrupted(e);
        }
        if (process.exitValue() != 0) {
            throw failure(exit());
        }
    }

    /** Waits until a server answers, or fails as soon as it has ended instead. */
    void awaitReady(Duration atMost, Await.Condition answers) {
        boolean ready = Await.holds(atMost, () -> {
            requireRunning();
            return answers.holds();
        });
        if (!ready) {
            throw failure("was not ready within " + Progress.seconds(atMost));
        }
    }

    /** Fails if the program has ended. */
    void requireRunning() {
        if (!isRunning()) {
            throw failure(exit());
        }
    }

    /** Whether the program said that somebody else has its port. */
    boolean foundItsPortInUse() {
        String log = isRunning() ? "" : log();
        return log.contains("Address already in use") || log.contains("eaddrinuse");
    }

    void requestStop() {
        if (isRunning()) {
            if (program.stopSignal().equals("TERM")) {
                target().destroy();
            } else {
                Processes.signal(target(), program.stopSignal());
            }
        }
    }

    void signal(String name) {
        requireRunning();
        Processes.signal(target(), name);
    }

    /** Sends a signal to the program and to all that it has started. */
    void signalTree(String name) {
        requireRunning();
        target().descendants().forEach(process -> Processes.signal(process, name));
        Processes.signal(target(), name);
    }

    /** Waits for a stop that was requested, asks again now and then, and kills when that takes too long. */
    void awaitStop() {
        long start = System.nanoTime();
        try {
            while (!process.waitFor(ASK_AGAIN_MILLIS, TimeUnit.MILLISECONDS)) {
                if (System.nanoTime() - start > POLITE.toNanos()) {
                    kill();
                } else {
                    requestStop();
                }
            }
        } catch (InterruptedException e) {
            kill();
            Thread.currentThread().interrupt();
        }
    }

    /** Ends it at once with all its processes, as a crash would, and returns when none is left. */
    void kill() {
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

    TopologyException failure(String what) {
        return new TopologyException(program.name() + " (" + program.purpose() + ") " + what + ". Command: "
                + String.join(" ", program.command()) + "\nThe end of its log:\n" + Command.lastLines(log()));
    }

    private String exit() {
        return "ended with exit status " + process.exitValue();
    }

    /** The program itself, where becoming another user left a process in between. */
    private ProcessHandle target() {
        ProcessHandle own = process.toHandle();
        return forks ? process.children().findFirst().orElse(own) : own;
    }

    private String log() {
        return LogFile.read(program.log(), logStart);
    }
}
