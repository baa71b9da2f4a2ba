package io.sagaz.storage;

import java.time.Duration;

/**
 * No replica is fresh enough, and the primary has no room left for reads, or is not to be asked ({@link OnStale#FAIL}): the share
 * of its connections that reads may take is taken, so that writes go on.
 */
public final class ReplicaTooStaleException extends TransientStoreException {
    private static final long serialVersionUID = 1L;

    private final Duration retryAfter;

    /** Says what was asked for and what there was. */
    public ReplicaTooStaleException(String message, Duration retryAfter) {
        super(message, null);
        this.retryAfter = retryAfter;
    }

    /** How long to wait before it is worth asking again. */
    public Duration retryAfter() {
        return retryAfter;
    }
}
