package io.sagaz.outbox;

import org.jspecify.annotations.Nullable;

/**
 * The broker is there and does not take this event: it is too large, for example, or its topic does not exist. Others may go
 * through; this one does not, unless something is changed.
 */
public final class EventRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * That an event is not taken.
     *
     * @param message which event, what the broker has against it, and what to change. Kept with the event, so never its payload
     */
    public EventRefusedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
