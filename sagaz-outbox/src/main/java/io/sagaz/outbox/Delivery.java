package io.sagaz.outbox;

import io.sagaz.storage.log.ShardedEvent;
import org.jspecify.annotations.Nullable;

/** An event on its way to the broker. What changes is guarded by the lock of its {@link Dispatcher}. */
final class Delivery {
    /** Whoever is told what became of it. Called with the lock of the dispatcher held. */
    interface Target {
        /**
         * The broker has it.
         *
         * @return what is to be delivered next, beside the followers of the same key; null for nothing
         */
        @Nullable
        Delivery published(Delivery delivery);

        /** The broker does not take it. */
        Verdict failed(Delivery delivery, Throwable error);

        /** It was not tried, because it comes behind one that waits. */
        void skipped(Delivery delivery);

        /** Whether it is known of everything what became of it. */
        boolean isDone();
    }

    /**
     * What follows from a failure.
     *
     * @param followersWait whether the later events of the same key wait for this one
     * @param next what is to be delivered next, beside those; null for nothing
     */
    record Verdict(boolean followersWait, @Nullable Delivery next) {}

    private final ShardedEvent sharded;
    private final OutgoingEvent outgoing;
    private final Target target;
    private final boolean parked;

    /** The next one of the same key. */
    @Nullable
    Delivery next;
    /** How often it was handed to the publisher: an answer to an earlier time is too late. */
    int handed;

    boolean settled;
    long handedAtNanos;

    /**
     * A delivery.
     *
     * @param parked whether it was parked, and so goes though its key waits
     */
    Delivery(ShardedEvent sharded, OutgoingEvent outgoing, Target target, boolean parked) {
        this.sharded = sharded;
        this.outgoing = outgoing;
        this.target = target;
        this.parked = parked;
    }

    ShardedEvent sharded() {
        return sharded;
    }

    OutgoingEvent outgoing() {
        return outgoing;
    }

    Target target() {
        return target;
    }

    boolean isParked() {
        return parked;
    }

    String key() {
        return sharded.orderingKey();
    }
}
