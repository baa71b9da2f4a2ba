package io.sagaz.storage;

/** What a bounded read does when no replica is proved to be fresh enough. */
public enum OnStale {
    /**
     * Ask the primary, which has room for a few such reads; if that is taken, take the answer of a replica that is within the
     * {@linkplain ReadConsistency.AtMost#limit limit}.
     */
    ASK_PRIMARY,
    /** Take the answer of a replica that is within the limit; ask the primary only if there is none. For dashboards. */
    SERVE_STALE,
    /** Throw {@link ReplicaTooStaleException}: for what is worth neither a staler answer nor the primary's time. */
    FAIL
}
