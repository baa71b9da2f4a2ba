package io.sagaz.storage.postgres.internal.route;

/**
 * How far a replica had replayed when it was last asked.
 *
 * @param position replayed at least up to here
 * @param readAtNanos {@link System#nanoTime()} after the answer came
 */
record ReplicaState(long position, long readAtNanos) {}
