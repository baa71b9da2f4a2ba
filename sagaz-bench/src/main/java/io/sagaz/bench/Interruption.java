package io.sagaz.bench;

import io.sagaz.bench.report.ReportJson;
import java.io.PrintStream;

/**
 * Ctrl-C and SIGTERM: says that the JVM ends, and knows that what fails from then on fails because its servers are taken
 * down. Safe for threads.
 */
final class Interruption {
    private final PrintStream out;
    private final PrintStream err;
    private boolean documentWanted;
    private boolean requested;
    private boolean finished;

    /** Hears of nothing yet. */
    Interruption(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /** From now on. */
    void listen() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::end, "sagaz-interruption"));
    }

    private synchronized void end() {
        if (!finished) {
            requested = true;
            err.println("Stopping: the servers are taken down and their data deleted");
            if (documentWanted) {
                out.println(ReportJson.error("stopped by a signal"));
            }
        }
    }

    /** Somebody waits for a document on standard output. */
    synchronized void wantDocument() {
        documentWanted = true;
    }

    synchronized boolean isRequested() {
        return requested;
    }

    /** Nothing is left to be stopped, and whatever there is to say is said from here on. */
    synchronized void finished() {
        finished = true;
    }
}
