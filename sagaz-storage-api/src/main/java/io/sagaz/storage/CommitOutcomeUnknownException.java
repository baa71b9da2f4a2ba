package io.sagaz.storage;

import org.jspecify.annotations.Nullable;

/**
 * The connection was lost while the commit was under way, and the primary could not be asked in time what became of it:
 * everything was written or nothing was. Read the saga (its version tells) before trying again; a start may be repeated
 * with the same identifier or idempotency key.
 */
public final class CommitOutcomeUnknownException extends StoreException {
    private static final long serialVersionUID = 1L;

    /** Says what was under way. */
    public CommitOutcomeUnknownException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
