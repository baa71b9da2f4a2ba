package io.sagaz.storage;

import java.time.Duration;

/**
 * How long a step took that succeeded or failed: from when it was begun first to its last end, tries in between
 * included, by the clock of the primary. Percentiles are durations that occurred, of the nearest rank.
 *
 * @param saga the kind of saga
 * @param step the name of the step
 * @param ended how often it succeeded or failed
 * @param failed how often it failed
 * @param retries how often it was begun again after a failure, over all of these
 * @param p50 the median: half of them took no longer
 * @param p95 what 95 of a hundred did not exceed
 * @param p99 what 99 of a hundred did not exceed
 * @param max what the longest took
 */
public record StepDurations(
        String saga,
        String step,
        long ended,
        long failed,
        long retries,
        Duration p50,
        Duration p95,
        Duration p99,
        Duration max) {}
