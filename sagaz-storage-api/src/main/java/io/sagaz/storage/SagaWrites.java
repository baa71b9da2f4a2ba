package io.sagaz.storage;

import java.util.List;

/**
 * Changes sagas and emits events. Each call is one statement, and one round trip to the primary; one more, where a saga that is
 * started turns out to be there already by its identifier.
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
     * Starts several sagas in one transaction, each as {@link #start} does.
     *
     * @return an answer for each, in the order of the list
     * @throws IllegalArgumentException if an argument is null, JSON is not valid, an event stands twice, or a limit is passed
     * @throws PermanentStoreException if an identifier belongs to a saga of another name or key; none is started then
     * @throws StoreException if the store failed; its kind says what to do
     */
    List<StartResult> startAll(List<NewSaga> sagas);

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
     * Changes several sagas in one transaction, each as {@link #apply} does: one that is refused does not keep the others
     * from being changed.
     *
     * @return an answer for each, in the order of the list
     * @throws IllegalArgumentException as for {@link #apply}, or if a saga stands twice
     * @throws StoreException if the store failed; its kind says what to do
     */
    List<ChangeResult> applyAll(List<SagaUpdate> updates);

    /**
     * Adds an entry to the audit log of a saga, finished or not, and leaves the saga as it is.
     *
     * @return whether there is such a saga; if not, nothing was written
     * @throws IllegalArgumentException if an argument is null, or the entry's data is not valid JSON
     * @throws StoreException if the store failed; its kind says what to do
     */
    boolean annotate(SagaId id, AuditEntry entry);

    /**
     * Gives abandoned sagas to a worker, the oldest of each name first: names have equal shares, whatever the number of their
     * sagas. Workers that ask at the same moment get different ones and do not wait for each other. The version of each goes
     * up by one, and the audit log tells of it.
     *
     * @return at most {@link ClaimRequest#limit} sagas; empty if there is none
     * @throws IllegalArgumentException if {@code request} is null
     * @throws StoreException if the store failed; its kind says what to do
     */
    List<ClaimedSaga> claimAbandoned(ClaimRequest request);

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
