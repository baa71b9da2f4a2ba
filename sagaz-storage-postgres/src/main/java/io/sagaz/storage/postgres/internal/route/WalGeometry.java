package io.sagaz.storage.postgres.internal.route;

import java.time.Duration;

/**
 * What about a cluster's write-ahead log the bound depends on.
 *
 * @param segmentSize bytes in a file
 * @param blockSize bytes in a page
 * @param asyncCommitDelay within which an asynchronous commit reaches the disk: three rounds of the WAL writer
 * @see <a href="https://www.postgresql.org/docs/current/wal-async-commit.html">PostgreSQL: asynchronous commit</a>
 */
public record WalGeometry(long segmentSize, long blockSize, Duration asyncCommitDelay) {}
