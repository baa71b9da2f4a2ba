package io.sagaz.testkit;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds threads that were begun and not ended, by a store, a relay or a service that was not closed.
 *
 * <pre>{@code
 * ThreadLeaks leaks = ThreadLeaks.watch();
 * // The test, which closes what it has opened.
 * leaks.awaitNone(Duration.ofSeconds(5));
 * }</pre>
 *
 * <p>A leak is a thread that was not there before and keeps the JVM alive (no daemon), or one of Sagaz or of HikariCP, daemon or
 * not. Threads of JUnit and of the testkit's own topology do not count. It looks at the whole JVM: what runs beside the test
 * is taken for its own. Safe for threads.
 */
public final class ThreadLeaks {
    private static final int DEEPEST = 10;

    private final Set<Thread> before;

    private ThreadLeaks(Set<Thread> before) {
        this.before = before;
    }

    /** Takes note of the threads that there are. */
    public static ThreadLeaks watch() {
        return new ThreadLeaks(Set.copyOf(Thread.getAllStackTraces().keySet()));
    }

    /** The threads that have leaked since then, as of now. */
    public List<Thread> found() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !before.contains(thread) && thread.isAlive() && isOfInterest(thread))
                .toList();
    }

    private static boolean isOfInterest(Thread thread) {
        String name = thread.getName();
        if (thread == Thread.currentThread() || name.startsWith("junit-") || name.startsWith("sagaz-testkit-")) {
            return false;
        }
        return !thread.isDaemon() || name.startsWith("sagaz-") || name.startsWith("HikariPool-");
    }

    /**
     * Waits until no thread has leaked: threads end a moment after they are told to.
     *
     * @param atMost how long to wait
     * @throws AssertionError if there is one still; it tells the name of each and where it is
     */
    public void awaitNone(Duration atMost) {
        if (!Await.holds(atMost, () -> found().isEmpty())) {
            List<Thread> leaked = found();
            if (!leaked.isEmpty()) {
                throw new AssertionError("Threads were not ended, " + atMost + " after they should have been:"
                        + leaked.stream().map(ThreadLeaks::shown).collect(Collectors.joining()));
            }
        }
    }

    private static String shown(Thread thread) {
        return "\n  \"" + thread.getName() + "\" (" + (thread.isDaemon() ? "daemon, " : "") + thread.getState() + ")"
                + Stream.of(thread.getStackTrace())
                        .limit(DEEPEST)
                        .map(frame -> "\n      at " + frame)
                        .collect(Collectors.joining());
    }
}
