package io.sagaz.storage;

/** The answer to {@link SagaWrites#start(NewSaga)}. */
public sealed interface StartResult {
    /** The saga that is there now: the new one, or the one that was there first. */
    SagaId id();

    /**
     * This call started the saga.
     *
     * @param id its identifier
     * @param version its version, to be given with the first change
     */
    record Started(SagaId id, long version) implements StartResult {}

    /**
     * A saga of this identifier, or of this name and idempotency key, was there before; nothing was written.
     *
     * @param id the identifier of the saga that was there first
     */
    record AlreadyStarted(SagaId id) implements StartResult {}
}
