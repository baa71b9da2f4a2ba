package io.sagaz.storage.postgres.internal.route;

/**
 * How far a replica had replayed when it was last asked.
 *
 * @param position replayed at least up to here
 * @param timeline the history that it said to follow, which may be the one before while it goes over to another
 * @param readAtNanos {@link System#nanoTime()} after the answer came
 */
record ReplicaState(long position, int timeline, long readAtNanos) {}
