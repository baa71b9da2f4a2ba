package io.sagaz.outbox;

import org.jspecify.annotations.Nullable;

/** The broker cannot be reached, or takes nothing now. It says nothing about the event that was to be published. */
public final class BrokerUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * That a broker is not there.
     *
     * @param message what was tried, where, and what to look at
     */
    public BrokerUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
