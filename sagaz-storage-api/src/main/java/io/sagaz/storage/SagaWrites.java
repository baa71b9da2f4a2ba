package io.sagaz.storage;

import java.util.List;

/**
 * Changes sagas and emits events. Each call is one statement, and one round trip to the primary.
 *
 * <p>Outside a transaction each call is a transaction of its own: when it returns, what it says is durable. Inside one
 * it becomes durable with the commit, together with everything else in that transaction.
 *
 * <p>Arguments are checked before anything is sent: bad JSON and the like throw {@link IllegalArgumentException}, and a
 * caller's transaction stays usable. What only the database can tell, such as an event that is there already or an
 * identifier of a time without a partition, throws {@link PermanentStoreException}, and a caller's transaction has to be
 * rolled back.
 */
public interface SagaWrites {
    /**
     * Records a saga in status {@link SagaStatus#PENDING}, with its steps and events.
     *
     * @return {@link StartResult.Started}, or {@link StartResult.AlreadyStarted} if the identifier or the idempotency
     *     key is taken
     * @throws IllegalArgumentException if {@code saga} is null, its context or an event's payload is not valid JSON, or its
     *     identifier belongs to a saga of another name or key
     * @throws StoreException if the store failed; its kind says what to do
     */
    StartResult start(NewSaga saga);

    /**
     * Changes a saga if its version is still {@code expectedVersion}; its version goes up by one.
     *
     * @param id the saga
     * @param expectedVersion the version that the caller has seen, at least 1
     * @param change what changes
     * @return {@link ChangeResult.Applied}, or why nothing was written
     * @throws IllegalArgumentException if an argument is null, {@code expectedVersion} is below 1, or JSON is not valid
     * @throws StoreException if the store failed; its kind says what to do
     */
    ChangeResult apply(SagaId id, long expectedVersion, SagaChange change);

    /**
     * Emits events that belong to no saga, in the order of the list. An event without a key gets its identifier as key.
     *
     * <p>Emitting an event that is there already fails with a {@link PermanentStoreException}: after an unknown outcome a
     * second attempt with the same objects either emits them or tells that they were.
     *
     * @throws IllegalArgumentException if an argument is null, a payload is not valid JSON or an event stands twice
     * @throws StoreException if the store failed; its kind says what to do
     */
    void emit(List<OutboxEvent> events);
}
