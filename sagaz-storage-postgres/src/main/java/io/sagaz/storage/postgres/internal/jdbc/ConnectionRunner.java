package io.sagaz.storage.postgres.internal.jdbc;

/** Finds a connection for a call, or several one after the other, and turns what the driver throws into a store exception. */
@FunctionalInterface
public interface ConnectionRunner {
    /**
     * Runs the call.
     *
     * @param operation what is done, for messages and meters
     */
    <T> T run(String operation, RepeatableCall<T> call);
}
