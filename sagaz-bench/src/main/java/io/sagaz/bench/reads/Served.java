package io.sagaz.bench.reads;

import io.sagaz.storage.ReadReceipt;
import io.sagaz.storage.ReadSource;
import io.sagaz.storage.RouteReason;

/** What a reader got. */
enum Served {
    /** As fresh as asked for, by a replica. */
    FRESH("fresh, by a replica"),
    /** By the primary. */
    PRIMARY("fresh, by the primary"),
    /** Staler than asked for, or without a bound that was asked for, and the receipt says so. */
    STALE("stale, and told so"),
    /** By a replica, past the store: whoever reads so is told nothing. */
    UNTOLD("by a replica, and told nothing"),
    /** {@link io.sagaz.storage.ReplicaTooStaleException}. */
    TURNED_AWAY("turned away"),
    /** Anything else that was thrown. */
    FAILED("failed");

    private final String words;

    Served(String words) {
        this.words = words;
    }

    String words() {
        return words;
    }

    static Served of(ReadReceipt receipt) {
        if (receipt.source() == ReadSource.PRIMARY) {
            return PRIMARY;
        }
        return receipt.reason() == RouteReason.REPLICA_FRESH ? FRESH : STALE;
    }
}
