package io.sagaz.storage;

import java.time.Duration;
import java.util.List;

/**
 * Looks at the outbox, each time with a {@linkplain ReadReceipt receipt} of how fresh the answer is. Changes nothing, and
 * owns no event: that is for relays. Safe for threads.
 */
public interface OutboxReads {
    /**
     * How far each relay is behind, in the order of their names. Without any relay nothing has been published: one element
     * without a name.
     *
     * <p>Looks, for each relay, at the events behind the lowest {@code low_seq} of its cursors, the oldest first and
     * {@value OutboxDepth#MOST_EXAMINED} at most: what that costs does not grow with the length of the log.
     *
     * @throws StoreException if no server could answer under the stated freshness; its kind says what to do
     */
    ReadResult<List<OutboxDepth>> depth();

    /**
     * How many events came in in each interval, in order; intervals without any are there too. Intervals are as {@link
     * SagaStatistics} counts them, times those of the clocks of the events' authors.
     *
     * @param interval a millisecond at least, and long enough for the span to have no more than {@value
     *     SagaStatistics#MOST_INTERVALS}
     * @throws IllegalArgumentException if an argument is null or out of bounds
     * @throws StoreException if no server could answer under the stated freshness; its kind says what to do
     */
    ReadResult<List<OutboxThroughput>> throughput(TimeSpan span, Duration interval);

    /**
     * The events that a relay has given up, the newest event first.
     *
     * @param relay the name of the relay; of one that does not exist there are none
     * @throws IllegalArgumentException if an argument is null, or the page is not one of dead letters
     * @throws StoreException if no server could answer under the stated freshness; its kind says what to do
     */
    ReadResult<Page<DeadLetter>> deadLetters(String relay, PageRequest page);

    /**
     * The events that a relay is to try again, and those that wait behind them, the oldest event first.
     *
     * @param relay the name of the relay; of one that does not exist there are none
     * @throws IllegalArgumentException if an argument is null, or the page is not one of parked events
     * @throws StoreException if no server could answer under the stated freshness; its kind says what to do
     */
    ReadResult<Page<ParkedEvent>> parked(String relay, PageRequest page);
}
