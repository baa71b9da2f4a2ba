package io.sagaz.storage.postgres.internal.route;

/**
 * What the primary said at one moment. Its statement took its snapshot before it read the positions.
 *
 * @param sentNanos {@link System#nanoTime()} before the statement was sent
 * @param answeredNanos the same after the answer came: the snapshot was taken somewhere between
 * @param server the primary, for people
 * @param history which one the positions belong to
 * @param snapshot the text of the statement's snapshot: equal texts see equal data
 * @param insertEnd end of the last record that was inserted, on disk or not
 * @param flushed up to where the log is on disk
 */
record PrimarySample(
        long sentNanos,
        long answeredNanos,
        String server,
        History history,
        String snapshot,
        long insertEnd,
        long flushed,
        String backend,
        long asyncCommitNanos) {}
