package io.sagaz.migrations.internal.partition;

import java.util.Optional;

/**
 * Why an expired partition must not go yet.
 *
 * @param reason for people
 * @param keptBy the partition of saga_executions with which this reason goes
 */
public record Need(String reason, Optional<String> keptBy) {}
