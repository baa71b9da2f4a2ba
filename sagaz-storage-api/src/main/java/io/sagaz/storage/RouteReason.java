package io.sagaz.storage;

/** Why a read went where it went. */
public enum RouteReason {
    /** A replica is proved to be fresh enough. */
    REPLICA_FRESH,
    /** A replica is proved to show what the caller's token stands for. */
    TOKEN_REACHED,
    /** No replica was proved to show what the caller's token stands for, though it was waited for a moment. */
    TOKEN_AWAITED,
    /** The replica that was asked did not have the version of the saga that the caller knows of. */
    VERSION_AWAITED,
    /** No replica is proved to show what this store, or this session, has written or read before, though it was waited for a moment. */
    WRITE_AWAITED,
    /**
     * The caller's token is of another database, of a history that a failover has left, or of a position that the primary has
     * not reached: forged, or of a write that was lost. The primary answers, and what the token stands for may not be there.
     */
    TOKEN_OF_ANOTHER_HISTORY,
    /** No replica is as fresh as was asked for, but this one is within the limit that was set for that case. */
    SERVED_STALE,
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
