package io.sagaz.testkit;

import java.time.Duration;

/** One run of a program, which may have ended. Thread-safe. */
interface Execution {
    boolean isRunning();

    /** Waits, and returns whether it has ended. */
    boolean endsWithin(Duration time) throws InterruptedException;

    /** The exit status of a program that has ended. */
    int exitStatus();

    /** Sends a signal to the program. Does nothing if it has ended. */
    void signal(String name);

    /** Stops it with all that it has started, until {@link #thaw()}. */
    void freeze();

    /** Lets it go on. */
    void thaw();

    /** Ends it at once with all that it has started, as a crash would, and returns when nothing is left. */
    void kill();
}
