package io.sagaz.storage;

import org.jspecify.annotations.Nullable;

/**
 * The store failed. The subclass says what to do: {@link TransientStoreException try again},
 * {@link CommitOutcomeUnknownException find out first}, {@link PermanentStoreException give up},
 * {@link StoreConfigurationException mend the configuration}.
 */
public abstract sealed class StoreException extends RuntimeException
        permits TransientStoreException,
                CommitOutcomeUnknownException,
                PermanentStoreException,
                StoreConfigurationException {
    private static final long serialVersionUID = 1L;

    StoreException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
