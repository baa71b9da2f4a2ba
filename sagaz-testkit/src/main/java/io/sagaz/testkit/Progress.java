package io.sagaz.testkit;

import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the user, one line at a time, what has been done. */
final class Progress {
    private static final Logger LOG = LoggerFactory.getLogger(Topology.class);

    private final Consumer<String> listener;

    Progress(Consumer<String> listener) {
        this.listener = listener;
    }

    synchronized void say(String line) {
        LOG.debug("{}", line);
        listener.accept(line);
    }

    /** For what reaches beyond the topology: downloads, installations. */
    synchronized void announce(String line) {
        LOG.info("{}", line);
        listener.accept(line);
    }

    static String seconds(long sinceNanos) {
        return seconds(Duration.ofNanos(System.nanoTime() - sinceNanos));
    }

    static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
    }
}
