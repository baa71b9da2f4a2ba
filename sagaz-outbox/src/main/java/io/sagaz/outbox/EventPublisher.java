package io.sagaz.outbox;

import java.util.concurrent.CompletionStage;

/**
 * Brings events to a broker, one at a time for each key.
 *
 * <p>The relay calls {@link #publish} for an event only when the one before it of the same {@linkplain
 * OutgoingEvent#orderingKey() key} is acknowledged; events of different keys are under way at the same time, from several
 * threads. So a publisher has nothing to do for the order, and must be safe for threads.
 *
 * <p>Delivery is at least once: an event may be published again, after a crash for example. It always has the same {@link
 * io.sagaz.storage.StoredEvent#id() identifier}, which a publisher must hand on.
 */
@FunctionalInterface
public interface EventPublisher extends AutoCloseable {
    /**
     * Begins to publish an event. Should not block for longer than it takes to hand the event to the client of the broker: that
     * keeps all others waiting.
     *
     * @return completes when the broker has acknowledged that it keeps the event. Fails with a {@link
     *     BrokerUnavailableException} if nothing is wrong with the event, but the broker cannot be reached or takes nothing now:
     *     the event is tried again as soon as it can be, and that is not counted as an attempt. Fails with an {@link
     *     EventRefusedException}, or anything else, if it is this event that is not taken: it is parked, tried again later a few
     *     times, and becomes a dead letter in the end
     * @throws RuntimeException the same as a failure of the stage
     */
    CompletionStage<Void> publish(OutgoingEvent event);

    /** Gives up what it holds. The relay does not close its publisher: whoever made it does. */
    @Override
    default void close() {}
}
