package io.sagaz.bench;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/** Tells people on standard error what is being done and how far it is. Thread-safe. */
public final class Progress {
    private static final long SECONDS_BETWEEN = 5;
    private static final long NANOS_OF_A_SECOND = 1_000_000_000;

    private final PrintStream out;
    private final long begin = System.nanoTime();
    private String step = "";
    private long toldAt = begin;

    Progress(PrintStream out) {
        this.out = out;
    }

    /** What is being done from now on. */
    public synchronized void step(String what) {
        step = what;
        tell(what);
    }

    /** How far that is, such as round 2 of 9; told now and then. */
    public synchronized void at(String what, long done, long total) {
        if (System.nanoTime() - toldAt >= SECONDS_BETWEEN * NANOS_OF_A_SECOND) {
            tell(String.format(Locale.ROOT, "%s: %s %,d of %,d", step, what, done, total));
        }
    }

    /** What has come out meanwhile. */
    public synchronized void note(String line) {
        tell("  " + line);
    }

    /** How long it has been going on. */
    Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    private void tell(String line) {
        toldAt = System.nanoTime();
        long seconds = elapsed().toSeconds();
        out.println(String.format(Locale.ROOT, "%2d:%02d  %s", seconds / 60, seconds % 60, line));
    }
}
