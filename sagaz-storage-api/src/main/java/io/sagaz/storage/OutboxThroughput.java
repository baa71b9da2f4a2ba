package io.sagaz.storage;

import java.time.Instant;

/**
 * How many events came into the outbox in an interval of time.
 *
 * @param begin when the interval begins, which the first one may do before its span
 * @param events how many were made in it
 */
public record OutboxThroughput(Instant begin, long events) {}
