package io.sagaz.storage;

import org.jspecify.annotations.Nullable;

/** Nothing was written, and the same call would fail again. */
public final class PermanentStoreException extends StoreException {
    private static final long serialVersionUID = 1L;

    /** Says what failed. */
    public PermanentStoreException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
