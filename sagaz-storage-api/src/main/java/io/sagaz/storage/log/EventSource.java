package io.sagaz.storage.log;

/** Where a relay reads its events. How far it is, is noted on the primary in any case. */
public enum EventSource {
    /** From the primary. */
    PRIMARY,
    /** From a replica that has them, after a moment of waiting for one; else from the primary. */
    REPLICA
}
