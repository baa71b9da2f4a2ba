package io.sagaz.storage.postgres;

import java.util.Optional;

/**
 * Handles an event, in the transaction in which the inbox notes that it was handled.
 *
 * @param <X> what it may throw besides unchecked exceptions
 */
@FunctionalInterface
public interface InboxHandler<X extends Exception> {
    /**
     * Handles the event. Is called once for an event that is committed as handled; what has effects outside the transaction may
     * still happen twice, when the transaction is rolled back afterwards.
     *
     * @param transaction for SQL, changes of sagas and new events that are committed together with the note, or not at all
     * @return JSON text that later deliveries are answered with; empty if there is none
     * @throws X if it fails; then nothing of what it has written stays, and the event counts as not handled
     */
    Optional<String> handle(StoreTransaction transaction) throws X;
}
