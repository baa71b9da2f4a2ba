package io.sagaz.cli.demo;

import java.time.Duration;

/**
 * What to run.
 *
 * @param seconds how long orders come in
 * @param replicas how many replicas there are
 * @param seed decides which orders come in and how they end
 */
public record DemoOptions(int seconds, int replicas, long seed) {
    /** When replay is paused, as a share of the run. */
    private static final double PAUSE_AT = 0.40;

    private static final double RESUME_AT = 0.65;

    Duration run() {
        return Duration.ofSeconds(seconds);
    }

    /** When replay is paused. */
    Duration pauseAt() {
        return share(PAUSE_AT);
    }

    /** When replay goes on. */
    Duration resumeAt() {
        return share(RESUME_AT);
    }

    private Duration share(double share) {
        return Duration.ofMillis(Math.round(seconds * 1_000 * share));
    }
}
