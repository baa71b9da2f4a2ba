package io.sagaz.storage;

/**
 * One of several changes that are written in one call.
 *
 * @param id the saga
 * @param expectedVersion the version that the caller has seen, at least 1
 * @param change what changes
 */
public record SagaUpdate(SagaId id, long expectedVersion, SagaChange change) {
    /**
     * Checks the update.
     *
     * @throws IllegalArgumentException if an argument is null, or {@code expectedVersion} is below 1
     */
    public SagaUpdate {
        Require.present("SagaUpdate.id", id);
        Require.present("SagaUpdate.change", change);
        if (expectedVersion < 1) {
            throw new IllegalArgumentException("expectedVersion must be at least 1 but is " + expectedVersion);
        }
    }
}
