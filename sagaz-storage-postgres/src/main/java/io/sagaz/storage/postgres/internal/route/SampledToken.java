package io.sagaz.storage.postgres.internal.route;

import io.sagaz.storage.CausalToken;
import io.sagaz.storage.TransientStoreException;
import io.sagaz.storage.postgres.PendingToken;
import java.util.Optional;

/**
 * A token that any sample of the primary gives that was sent since.
 *
 * @param sinceNanos a {@link System#nanoTime()}
 */
record SampledToken(PrimaryWatch watch, long sinceNanos) implements PendingToken {
    @Override
    public Optional<CausalToken> known() {
        return watch.knownSince(sinceNanos);
    }

    @Override
    public CausalToken get() {
        return watch.tokenSince(sinceNanos)
                .orElseThrow(() -> new TransientStoreException(
                        "No causal token: the primary could not be asked how far its log is; try again", null));
    }
}
