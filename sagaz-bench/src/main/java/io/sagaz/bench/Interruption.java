package io.sagaz.bench;

import java.io.PrintStream;

/**
 * Knows whether Ctrl-C or SIGTERM ends the JVM: what fails from then on fails because its servers are taken down. Safe for
 * threads.
 */
final class Interruption {
    private volatile boolean requested;
    private volatile boolean finished;

    /** Listens from now on, and says so on {@code err} when it comes. */
    static Interruption listen(PrintStream err) {
        Interruption interruption = new Interruption();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> interruption.end(err), "sagaz-interruption"));
        return interruption;
    }

    private void end(PrintStream err) {
        if (!finished) {
            requested = true;
            err.println("Stopping: the servers are taken down and their data deleted");
        }
    }

    boolean isRequested() {
        return requested;
    }

    /** The command is done: the JVM ends by itself. */
    void finished() {
        finished = true;
    }
}
