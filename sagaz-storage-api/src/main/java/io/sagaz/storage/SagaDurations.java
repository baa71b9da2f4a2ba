package io.sagaz.storage;

import java.time.Duration;
import java.time.Instant;

/**
 * How long sagas took from when they were made, by the clock of their maker, to their end, by the clock of the primary;
 * zero where the former is ahead by more than that. Percentiles are durations that occurred, of the nearest rank.
 *
 * @param begin when the interval begins in which they ended
 * @param finished how many ended
 * @param p50 the median: half of them took no longer
 * @param p90 what nine of ten did not exceed
 * @param p95 what 95 of a hundred did not exceed
 * @param p99 what 99 of a hundred did not exceed
 * @param max what the longest took
 */
public record SagaDurations(
        Instant begin, long finished, Duration p50, Duration p90, Duration p95, Duration p99, Duration max) {}
