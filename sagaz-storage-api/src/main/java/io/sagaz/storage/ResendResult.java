package io.sagaz.storage;

/** What became of a dead letter that was to be sent again. */
public enum ResendResult {
    /** The relay tries it again now. */
    RESENT,
    /** The event is no dead letter of this relay, or not any more; nothing was changed. */
    NO_DEAD_LETTER,
    /** The event itself is gone from the outbox, so that there is nothing to send; the dead letter stays, to be discarded. */
    EVENT_GONE
}
