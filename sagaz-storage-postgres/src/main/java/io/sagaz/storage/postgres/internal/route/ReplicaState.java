package io.sagaz.storage.postgres.internal.route;

/**
 * How far a replica had replayed when it was last asked.
 *
 * @param position replayed at least up to here
 * @param history the one that it said to follow, which may be of the timeline before while it goes over to another
 * @param readAtNanos {@link System#nanoTime()} after the answer came
 */
record ReplicaState(long position, History history, long readAtNanos) {}
