package io.sagaz.storage;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Statistics of sagas, each with a {@linkplain ReadReceipt receipt} of how fresh they are. Safe for threads.
 *
 * <p>Each is about a span of time, and costs what that holds: it reads its partitions, by indexes within them. What is
 * about sagas that ended in a span also looks into the index of each earlier month, for sagas may take long. Everything here
 * stands in views and functions of the schema, which Grafana can ask as well: {@code docs/dashboards.md}.
 *
 * <p>Intervals are counted in UTC from midnight of a Monday, so that those of an hour, a day and a week begin where people
 * expect it, whatever the server's time zone. The first and the last are cut by the span: only what is in it counts.
 *
 * <p>Sagas that were written by plain SQL and have no {@code completed_at} have not ended, as far as this can tell.
 */
public interface SagaStatistics {
    /** The most intervals that a span may have. */
    int MOST_INTERVALS = 10_000;

    /** The longest list. */
    int MOST_ROWS = 1_000;

    /**
     * The same of one kind of saga.
     *
     * @throws IllegalArgumentException if {@code name} is blank or longer than 255 characters
     */
    SagaStatistics named(String name);

    /**
     * How many sagas began and ended in each interval, in order; intervals in which nothing happened are there too.
     *
     * @param interval a millisecond at least, and long enough for the span to have no more than {@value #MOST_INTERVALS}
     * @throws IllegalArgumentException if an argument is null or out of bounds
     * @throws StoreException if no server could answer under the stated freshness; its kind says what to do
     */
    ReadResult<List<SagaThroughput>> throughput(TimeSpan span, Duration interval);

    /**
     * How the sagas that ended in a span ended, for each kind of saga, in the order of their names.
     *
     * @throws IllegalArgumentException if {@code span} is null
     * @throws StoreException if no server could answer under the stated freshness; its kind says what to do
     */
    ReadResult<List<SagaOutcomes>> outcomes(TimeSpan span);

    /**
     * How long the sagas took that ended in a span: all of them, sorted by the server. Begins with the span; empty if none
     * ended.
     *
     * @throws IllegalArgumentException if {@code span} is null
     * @throws StoreException if no server could answer under the stated freshness; its kind says what to do
     */
    ReadResult<Optional<SagaDurations>> durations(TimeSpan span);

    /**
     * The same for each interval, in order; intervals in which no saga ended are left out.
     *
     * @param interval a millisecond at least, and long enough for the span to have no more than {@value #MOST_INTERVALS}
     * @throws IllegalArgumentException if an argument is null or out of bounds
     * @throws StoreException if no server could answer under the stated freshness; its kind says what to do
     */
    ReadResult<List<SagaDurations>> durations(TimeSpan span, Duration interval);

    /**
     * The steps that take longest, by their 95th percentile, of the sagas that were made in a span.
     *
     * @param limit the most steps, 1 to {@value #MOST_ROWS}
     * @throws IllegalArgumentException if an argument is null or out of bounds
     * @throws StoreException if no server could answer under the stated freshness; its kind says what to do
     */
    ReadResult<List<StepDurations>> slowestSteps(TimeSpan span, int limit);

    /**
     * The unfinished sagas that were made in a span, the oldest first.
     *
     * @param limit the most sagas, 1 to {@value #MOST_ROWS}
     * @throws IllegalArgumentException if an argument is null or out of bounds
     * @throws StoreException if no server could answer under the stated freshness; its kind says what to do
     */
    ReadResult<List<SagaSummary>> oldestUnfinished(TimeSpan span, int limit);

    /**
     * The partitions of all tables, by table and time, whatever the kind of saga. Reads the catalog and asks for the size of
     * each file, no row.
     *
     * @throws StoreException if no server could answer under the stated freshness; its kind says what to do
     */
    ReadResult<List<PartitionSize>> partitions();
}
