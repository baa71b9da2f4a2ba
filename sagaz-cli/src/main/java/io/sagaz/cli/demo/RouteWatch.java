package io.sagaz.cli.demo;

import io.sagaz.cli.term.Figures;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Notices that reads have moved to the primary after replay was paused, and that they have come back after it went on.
 * Knows no database. For one thread.
 */
final class RouteWatch {
    private static final double MOVED = 0.9;

    private @Nullable Duration pausedAt;
    private @Nullable Duration resumedAt;
    private Optional<Duration> movedAfter = Optional.empty();
    private Optional<Duration> returnedAfter = Optional.empty();
    private long seenReplica;
    private long seenPrimary;

    /** Replay was paused. */
    void paused(Duration now) {
        pausedAt = now;
    }

    /** Replay goes on. */
    void resumed(Duration now) {
        resumedAt = now;
    }

    /**
     * Looks at the reads so far.
     *
     * @return what is to be told, if it is news
     */
    Optional<String> observe(Duration now, long replicaReads, long primaryReads) {
        long replica = replicaReads - seenReplica;
        long primary = primaryReads - seenPrimary;
        seenReplica = replicaReads;
        seenPrimary = primaryReads;
        if (replica + primary == 0) {
            return Optional.empty();
        }
        double primaryShare = primary / (double) (replica + primary);
        if (resumedAt != null) {
            if (returnedAfter.isEmpty() && primaryShare <= 1 - MOVED) {
                returnedAfter = Optional.of(now.minus(resumedAt));
                return Optional.of("reads are back from the primary, " + seconds(returnedAfter.get()) + " later");
            }
        } else if (pausedAt != null && movedAfter.isEmpty() && primaryShare >= MOVED) {
            movedAfter = Optional.of(now.minus(pausedAt));
            return Optional.of("reads have moved to the primary, " + seconds(movedAfter.get()) + " later");
        }
        return Optional.empty();
    }

    /** How long after the pause reads had moved to the primary; empty if they never did. */
    Optional<Duration> movedAfter() {
        return movedAfter;
    }

    /** How long after the resumption reads had come back; empty if they never did. */
    Optional<Duration> returnedAfter() {
        return returnedAfter;
    }

    private static String seconds(Duration duration) {
        return Figures.duration(duration);
    }
}
