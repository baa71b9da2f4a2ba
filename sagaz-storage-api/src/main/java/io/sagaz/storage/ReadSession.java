package io.sagaz.storage;

import java.util.Optional;

/**
 * Reads none of which sees less than one before it, whichever servers answer (monotonic reads): one for each user or request, for
 * example. Safe for threads; costs nothing to make and need not be closed.
 *
 * <p>An answer of a replica takes one round trip more, for how far the replica is afterwards.
 *
 * <p>A commit may be seen on a replica a moment before the primary shows it; an answer of the primary waits for that, for up to
 * 50 milliseconds, and is refused as {@link TransientStoreException} if the commit then still waits for a synchronous standby.
 * If no replica can be asked meanwhile, and a transaction is open that was so when the replica answered, the primary is believed.
 *
 * <p>What a failover has lost is not seen again: the next answer says {@link RouteReason#TOKEN_OF_ANOTHER_HISTORY} if a replica
 * had shown it, and the session goes on from there.
 *
 * @see <a href="https://jepsen.io/consistency/models/monotonic-reads">Monotonic reads</a>
 */
public interface ReadSession {
    /**
     * Reads under this consistency, and no less than the session has seen.
     *
     * @throws IllegalArgumentException if {@code consistency} is null
     */
    SagaReads reads(ReadConsistency consistency);

    /**
     * From now on what this token stands for is seen, too.
     *
     * @throws IllegalArgumentException if {@code token} is null or of another database
     */
    void include(CausalToken token);

    /**
     * What the session has seen, to be handed to another process; empty if it has seen nothing. Takes a round trip to the primary
     * if the primary has answered since it was last asked how far it is.
     *
     * @throws TransientStoreException if the primary cannot be asked
     */
    Optional<CausalToken> token();
}
