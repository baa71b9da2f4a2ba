package io.sagaz.testkit;

import java.time.Duration;

/** One program that was started and may have ended since. Thread-safe. */
final class Child {
    private static final Duration POLITE = Duration.ofSeconds(8);
    private static final Duration ASK_AGAIN = Duration.ofMillis(300);

    private final Children.Program program;
    private final Execution execution;
    private final long logStart;

    Child(Children.Program program, Execution execution, long logStart) {
        this.program = program;
        this.execution = execution;
        this.logStart = logStart;
    }

    Children.Program program() {
        return program;
    }

    boolean isRunning() {
        return execution.isRunning();
    }

    /** Waits for a program that ends by itself. */
    void awaitSuccess(Duration atMost) {
        try {
            if (!execution.endsWithin(atMost)) {
                kill();
                throw failure("did not end within " + Progress.seconds(atMost));
            }
        } catch (InterruptedException e) {
            kill();
            throw Await.interrupted(e);
        }
        if (execution.exitStatus() != 0) {
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
        execution.signal(program.stopSignal());
    }

    void signal(String name) {
        requireRunning();
        execution.signal(name);
    }

    /** Stops the program and all that it has started, until {@link #thaw()}. */
    void freeze() {
        requireRunning();
        execution.freeze();
    }

    void thaw() {
        requireRunning();
        execution.thaw();
    }

    /** Waits for a stop that was requested, asks again now and then, and kills when that takes too long. */
    void awaitStop() {
        long start = System.nanoTime();
        try {
            while (!execution.endsWithin(ASK_AGAIN)) {
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
        execution.kill();
    }

    TopologyException failure(String what) {
        return new TopologyException(program.name() + " (" + program.purpose() + ") " + what + ". Command: "
                + String.join(" ", program.command()) + "\nThe end of its log:\n" + Command.lastLines(log()));
    }

    private String exit() {
        return "ended with exit status " + execution.exitStatus();
    }

    private String log() {
        return LogFile.read(program.log(), logStart);
    }
}
