package io.sagaz.storage.postgres;

import io.sagaz.storage.CausalToken;
import io.sagaz.storage.TransientStoreException;
import java.util.Optional;

/**
 * A causal token of everything that was acknowledged before {@link RoutingSagaStore#pendingToken()}, which is told later: for
 * commits that a framework makes, after which nothing is to be waited for. While somebody reads, the store looks at the
 * primary's log a few times a second anyway, and any such look after the commit gives its token. Safe for threads.
 */
public interface PendingToken {
    /**
     * The token, if it is known by now. Never blocks. While reads go on it is known within half a second; of a store that
     * nobody reads with, within seconds, or not before somebody {@linkplain #get() asks}.
     */
    Optional<CausalToken> known();

    /**
     * The token: at once if it is known by now, else after one round trip to the primary, which callers at the same moment
     * share.
     *
     * @throws TransientStoreException if the primary cannot be asked
     */
    CausalToken get();
}
