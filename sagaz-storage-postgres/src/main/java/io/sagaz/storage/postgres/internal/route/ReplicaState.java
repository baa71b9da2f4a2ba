package io.sagaz.storage.postgres.internal.route;

/**
 * How far a replica had replayed when it was last asked.
 *
 * @param position replayed at least up to here
 * @param timeline the history that it is known to follow: this one or a later one that grew out of it
 * @param readAtNanos {@link System#nanoTime()} after the answer came
 */
record ReplicaState(long position, int timeline, long readAtNanos) {}
