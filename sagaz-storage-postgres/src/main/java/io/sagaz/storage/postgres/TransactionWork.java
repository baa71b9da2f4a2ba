package io.sagaz.storage.postgres;

/**
 * What is done in one transaction.
 *
 * @param <T> what it gives back
 * @param <X> what it may throw besides unchecked exceptions
 */
@FunctionalInterface
public interface TransactionWork<T, X extends Exception> {
    /**
     * Does the work. Returning commits, throwing rolls back.
     *
     * @throws X if the work fails
     */
    T run(StoreTransaction transaction) throws X;
}
