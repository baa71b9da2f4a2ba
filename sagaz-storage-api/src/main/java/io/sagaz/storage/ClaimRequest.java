package io.sagaz.storage;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * A worker's wish for abandoned sagas: unfinished ones whose {@link Lease} has run out, or that never had one and have not
 * changed for a while. Immutable: each method returns a changed copy.
 *
 * <pre>{@code
 * store.claimAbandoned(ClaimRequest.by("worker-7", Duration.ofMinutes(2)).limit(20))
 * }</pre>
 */
public final class ClaimRequest {
    private static final int DEFAULT_LIMIT = 50;
    private static final int LARGEST_LIMIT = 1_000;
    private static final Duration DEFAULT_IDLE = Duration.ofMinutes(5);

    private final Lease lease;
    private final int limit;
    private final Duration idleFor;
    private final List<String> names;

    private ClaimRequest(Lease lease, int limit, Duration idleFor, List<String> names) {
        this.lease = lease;
        this.limit = limit;
        this.idleFor = idleFor;
        this.names = names;
    }

    /**
     * A request for at most {@value #DEFAULT_LIMIT} sagas of any name.
     *
     * @param owner the name of the worker, as in {@link Lease}
     * @param lease for how long others leave the sagas alone; each {@linkplain SagaChange#lease change} may renew it
     * @throws IllegalArgumentException if {@code owner} is blank or longer than 255 characters, or {@code lease} is not
     *     positive or longer than 30 days
     */
    public static ClaimRequest by(String owner, Duration lease) {
        Require.duration("ClaimRequest.lease", lease, Duration.ofMillis(1), Duration.ofDays(30));
        return new ClaimRequest(new Lease(owner, lease), DEFAULT_LIMIT, DEFAULT_IDLE, List.of());
    }

    /**
     * Sets how many sagas are wanted at most.
     *
     * @throws IllegalArgumentException unless 1 to {@value #LARGEST_LIMIT}
     */
    public ClaimRequest limit(int sagas) {
        if (sagas < 1 || sagas > LARGEST_LIMIT) {
            throw new IllegalArgumentException("ClaimRequest.limit must be 1 to " + LARGEST_LIMIT + " but is " + sagas);
        }
        return new ClaimRequest(lease, sagas, idleFor, names);
    }

    /**
     * Sets for how long a saga without a lease must not have changed to count as abandoned. Without it: 5 minutes. Zero takes
     * it at once, which is right where sagas are started by some and worked on by others.
     *
     * @throws IllegalArgumentException if it is negative or longer than 30 days
     */
    public ClaimRequest idleFor(Duration duration) {
        return new ClaimRequest(
                lease,
                limit,
                Require.duration("ClaimRequest.idleFor", duration, Duration.ZERO, Duration.ofDays(30)),
                names);
    }

    /**
     * Sets the names of the kinds of saga that the worker can do. Without it: all.
     *
     * @throws IllegalArgumentException if there is none, or one is blank or longer than 255 characters
     */
    public ClaimRequest names(String... names) {
        List<String> given =
                Require.elements("ClaimRequest.names", Arrays.asList(Require.present("ClaimRequest.names", names)));
        if (given.isEmpty()) {
            throw new IllegalArgumentException("ClaimRequest.names must not be empty");
        }
        given.forEach(name -> Require.name("ClaimRequest.names", name));
        return new ClaimRequest(lease, limit, idleFor, given.stream().distinct().toList());
    }

    /** The lease that the worker gets. */
    public Lease lease() {
        return lease;
    }

    /** How many sagas are wanted at most. */
    public int limit() {
        return limit;
    }

    /** For how long a saga without a lease must not have changed. */
    public Duration idleFor() {
        return idleFor;
    }

    /** The names that were set; empty stands for all. */
    public List<String> names() {
        return names;
    }

    @Override
    public String toString() {
        return "ClaimRequest[" + lease + ", limit=" + limit + ", idleFor=" + idleFor + ", names="
                + (names.isEmpty() ? "all" : names) + "]";
    }
}
