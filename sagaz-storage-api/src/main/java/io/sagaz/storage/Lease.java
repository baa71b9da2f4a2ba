package io.sagaz.storage;

import java.time.Duration;

/**
 * Who works on a saga, and for how long from now on others leave it alone. When the time is over, by the clock of the
 * primary, {@link SagaWrites#claimAbandoned} may give the saga to another worker. That raises its version, so that whatever
 * the former owner still tries to change is a {@link ChangeResult.Conflict}: the version is the fencing token.
 *
 * @param owner a name of the worker that no other has, such as host and process
 * @param duration for how long; zero gives the saga up at once
 */
public record Lease(String owner, Duration duration) {
    private static final Duration LONGEST = Duration.ofDays(30);

    /**
     * Checks the lease.
     *
     * @throws IllegalArgumentException if {@code owner} is blank or longer than 255 characters, or {@code duration} is
     *     negative or longer than 30 days
     */
    public Lease {
        Require.name("Lease.owner", owner);
        Require.duration("Lease.duration", duration, Duration.ZERO, LONGEST);
    }
}
