package io.sagaz.storage.postgres;

import io.sagaz.storage.CausalToken;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a transaction that was committed gave back.
 *
 * @param value what the work returned
 * @param token of the commit and all that was acknowledged before it; empty if the commit is certain, but the answer with the
 *     token was lost: ask for {@link RoutingSagaStore#causalToken()} then
 * @param <T> the type of the value
 */
public record Committed<T extends @Nullable Object>(T value, Optional<CausalToken> token) {}
