package io.sagaz.storage.postgres.internal.route;

import io.sagaz.storage.CausalToken;

/**
 * Of which log a position is: those of different ones must not be compared.
 *
 * @param systemIdentifier the cluster, which all its standbys have from their primary
 * @param timeline what the log became with a promotion
 */
record History(long systemIdentifier, int timeline) {
    /** Whether a token is of this one. */
    boolean has(CausalToken token) {
        return token.systemIdentifier() == systemIdentifier && token.timeline() == timeline;
    }

    /** A token of it. */
    CausalToken token(long position) {
        return new CausalToken(systemIdentifier, timeline, position);
    }
}
