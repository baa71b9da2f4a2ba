package io.sagaz.storage;

import org.jspecify.annotations.Nullable;

/** The store cannot start as it is configured: the message names the setting, its value (never a secret) and the remedy. */
public final class StoreConfigurationException extends StoreException {
    private static final long serialVersionUID = 1L;

    /** Says what is wrong and how to mend it. */
    public StoreConfigurationException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
