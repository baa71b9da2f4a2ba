package io.sagaz.storage.postgres.internal.jdbc;

/**
 * Where the log of the primary was right after a commit, as the server tells it.
 *
 * @param inserted up to where it was inserted
 * @param timeline of which history, in hexadecimal digits
 */
public record CommitPosition(String inserted, String timeline) {}
