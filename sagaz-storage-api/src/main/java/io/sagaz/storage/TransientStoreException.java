package io.sagaz.storage;

import org.jspecify.annotations.Nullable;

/** Nothing was written, and the same call may succeed later. */
public non-sealed class TransientStoreException extends StoreException {
    private static final long serialVersionUID = 1L;

    /** Says what failed. */
    public TransientStoreException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
