package io.sagaz.storage;

import java.time.Instant;
import java.util.Optional;

/**
 * A step of a saga, as it was when it was read.
 *
 * @param name its name
 * @param index its place, from 0
 * @param status where it stands
 * @param output what it produced, as JSON text
 * @param error why it failed
 * @param retries how often it was begun again after a failure
 * @param startedAt when it left {@link StepStatus#PENDING}, by the clock of the primary
 * @param completedAt when it was last done, failed, undone or left out, by the clock of the primary
 */
public record SagaStep(
        String name,
        int index,
        StepStatus status,
        Optional<String> output,
        Optional<String> error,
        int retries,
        Optional<Instant> startedAt,
        Optional<Instant> completedAt) {}
