package io.sagaz.storage.postgres.internal.route;

/**
 * The shape of a cluster's write-ahead log, which never changes.
 *
 * @param segmentSize bytes in a file
 * @param blockSize bytes in a page
 */
public record WalGeometry(long segmentSize, long blockSize) {}
