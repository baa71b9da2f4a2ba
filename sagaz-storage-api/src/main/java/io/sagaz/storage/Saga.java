package io.sagaz.storage;

import java.util.List;
import java.util.Optional;

/**
 * A saga with its steps, as it was when it was read: one consistent state, never half of a change.
 *
 * @param summary its head
 * @param context the data it was started with, as JSON text
 * @param result what it produced, as JSON text
 * @param error why it failed
 * @param idempotencyKey the key it was started with
 * @param steps its steps, in their order
 */
public record Saga(
        SagaSummary summary,
        String context,
        Optional<String> result,
        Optional<String> error,
        Optional<String> idempotencyKey,
        List<SagaStep> steps) {
    /** Copies the list. */
    public Saga {
        steps = List.copyOf(steps);
    }

    /** Its identifier. */
    public SagaId id() {
        return summary.id();
    }

    /** Where it stands. */
    public SagaStatus status() {
        return summary.status();
    }

    /** Its version, to be given with the next change. */
    public long version() {
        return summary.version();
    }
}
