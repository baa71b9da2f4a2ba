package io.sagaz.storage;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * What operators do about relays, and about events that these could not publish. Looks at the primary and changes it; lists
 * are in {@link OutboxReads}. Each call commits by itself. Each is a function of the schema too, for those who use psql.
 *
 * <p>Any number may be at it at once, beside relays at work: an event is never lost, and never in two places. Of two who send
 * dead letters of a relay again the second waits for the first.
 *
 * <p>Safe for threads. Whoever gives null or a number out of bounds gets an {@link IllegalArgumentException}. A call whose
 * connection is lost before the answer came is not made again: it throws {@link CommitOutcomeUnknownException}, and to make it
 * again does no harm.
 */
public interface OutboxAdmin {
    /**
     * The relays, in the order of their names.
     *
     * @throws StoreException if the primary could not be asked
     */
    List<RelayStatus> relays();

    /**
     * Forgets a relay that is gone for good: its cursors, what it was to try again, and what it had given up. Partitions are not
     * kept for it any longer.
     *
     * @return {@link RelayRemoval.AtWork}, with nothing changed, if an instance of it was at work within the last minute
     * @throws StoreException if it failed; its kind says what to do
     */
    RelayRemoval removeRelay(String relay);

    /**
     * The same for a relay that may still be at work. Its instances find out with the next thing that they write.
     *
     * @return never {@link RelayRemoval.AtWork}
     * @throws StoreException if it failed; its kind says what to do
     */
    RelayRemoval removeRelayAtWork(String relay);

    /**
     * An event with its payload, by its identifier; empty if it is not in the outbox (any more).
     *
     * @throws StoreException if the primary could not be asked
     */
    Optional<StoredEvent> event(UUID eventId);

    /**
     * Has a relay try an event again that it has given up, at once and with all its attempts.
     *
     * @throws PermanentStoreException if there is no such relay
     * @throws StoreException if it failed; its kind says what to do
     */
    ResendResult resend(String relay, UUID eventId);

    /**
     * Has a relay try those again of the events that it has given up which match, in the order of their {@linkplain
     * StoredEvent#number() numbers}, so that those of one key go in their order. In transactions of a thousand: if one fails,
     * those before it have been done.
     *
     * @param atMost how many at most, from 1
     * @throws PermanentStoreException if there is no such relay
     * @throws StoreException if it failed; its kind says what to do
     */
    Resent resend(String relay, FailedEventFilter filter, long atMost);

    /**
     * Has a relay try all events again that it has given up until now.
     *
     * @throws PermanentStoreException if there is no such relay
     * @throws StoreException if it failed; its kind says what to do
     */
    default Resent resendAll(String relay) {
        return resend(relay, FailedEventFilter.all(), Long.MAX_VALUE);
    }

    /**
     * Forgets that a relay has given up an event, which is then never published by it.
     *
     * @return whether it was a dead letter of that relay
     * @throws PermanentStoreException if there is no such relay
     * @throws StoreException if it failed; its kind says what to do
     */
    boolean discard(String relay, UUID eventId);

    /**
     * Forgets those of the events that a relay has given up which match, in the order of their numbers and in transactions of a
     * thousand.
     *
     * @param atMost how many at most, from 1
     * @return how many were forgotten
     * @throws PermanentStoreException if there is no such relay
     * @throws StoreException if it failed; its kind says what to do
     */
    long discard(String relay, FailedEventFilter filter, long atMost);

    /**
     * Forgets all events that a relay has given up until now.
     *
     * @return how many were forgotten
     * @throws PermanentStoreException if there is no such relay
     * @throws StoreException if it failed; its kind says what to do
     */
    default long discardAll(String relay) {
        return discard(relay, FailedEventFilter.all(), Long.MAX_VALUE);
    }

    /**
     * Has a relay try a parked event now, and what it waits behind, instead of when its pause is over. Attempts count on.
     *
     * @return whether it is parked
     * @throws PermanentStoreException if there is no such relay
     * @throws StoreException if it failed; its kind says what to do
     */
    boolean retryNow(String relay, UUID eventId);

    /**
     * Has a relay try those of its parked events now which match, and what they wait behind.
     *
     * @param atMost how many at most, from 1, not counting what they wait behind
     * @return how many match
     * @throws PermanentStoreException if there is no such relay
     * @throws StoreException if it failed; its kind says what to do
     */
    long retryNow(String relay, FailedEventFilter filter, long atMost);

    /**
     * Has a relay try all of its parked events now.
     *
     * @return how many there are
     * @throws PermanentStoreException if there is no such relay
     * @throws StoreException if it failed; its kind says what to do
     */
    default long retryAllNow(String relay) {
        return retryNow(relay, FailedEventFilter.all(), Long.MAX_VALUE);
    }
}
