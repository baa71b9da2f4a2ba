package io.sagaz.storage;

import java.time.Instant;

/**
 * How many sagas began and ended in an interval of time.
 *
 * @param begin when the interval begins, which the first one may do before its span
 * @param started how many were made, by the clock of their maker
 * @param succeeded how many came to {@link SagaStatus#SUCCESS}, by the clock of the primary, as for the following
 * @param failed how many came to {@link SagaStatus#FAILED}
 * @param compensated how many came to {@link SagaStatus#COMPENSATED}
 */
public record SagaThroughput(Instant begin, long started, long succeeded, long failed, long compensated) {}
