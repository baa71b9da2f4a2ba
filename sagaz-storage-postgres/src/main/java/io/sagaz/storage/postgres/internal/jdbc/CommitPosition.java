package io.sagaz.storage.postgres.internal.jdbc;

/**
 * Where the log of the primary was right after a commit, as the server tells it.
 *
 * @param inserted up to where it was inserted
 * @param timeline of which timeline, in hexadecimal digits
 * @param systemIdentifier of which cluster
 */
public record CommitPosition(String inserted, String timeline, long systemIdentifier) {}
