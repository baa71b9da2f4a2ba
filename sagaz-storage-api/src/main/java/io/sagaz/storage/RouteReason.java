package io.sagaz.storage;

/** Why a read went where it went. */
public enum RouteReason {
    /** A replica is proved to be fresh enough. */
    REPLICA_FRESH,
    /** The caller accepts any staleness. */
    ANY_ACCEPTED,
    /** The caller asked for the primary. */
    STRONG_REQUESTED,
    /** The store has no replicas. */
    NO_REPLICAS,
    /** Every replica that was asked is proved, or feared, to be further behind than the caller accepts. */
    REPLICA_STALE,
    /** Nothing is known yet of how far behind the replicas are. Unknown is never taken for fine. */
    REPLICA_UNKNOWN,
    /** No replica could be reached in time. */
    REPLICA_UNREACHABLE,
    /** The server behind the read pool is no replica of the primary: promoted, of another cluster, or split off. */
    REPLICA_DIVERGED,
    /** Every connection to the replicas was in use for as long as a read waits for one. */
    REPLICAS_BUSY,
    /** The replica gave up the read, for example because replay needed rows that the read still saw. */
    REPLICA_FAILED
}
