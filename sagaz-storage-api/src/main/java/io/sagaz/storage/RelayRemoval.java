package io.sagaz.storage;

/** The answer to {@link OutboxAdmin#removeRelay}. */
public sealed interface RelayRemoval {
    /**
     * The relay is forgotten, and nothing is kept for it any longer.
     *
     * @param parked how many events it was to try again, or waited behind such
     * @param deadLetters how many events it had given up
     */
    record Removed(long parked, long deadLetters) implements RelayRemoval {}

    /** There is no relay of this name. */
    record NotRegistered() implements RelayRemoval {}

    /** An instance of it was at work within the last minute; nothing was changed. Stop its instances first. */
    record AtWork() implements RelayRemoval {}
}
