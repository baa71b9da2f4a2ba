package io.sagaz.storage;

/** The answer to {@link SagaWrites#apply}: the change was applied as a whole, or nothing was written and this is why. */
public sealed interface ChangeResult {
    /**
     * The change was applied.
     *
     * @param version the version of the saga from now on
     * @param status the status of the saga from now on
     */
    record Applied(long version, SagaStatus status) implements ChangeResult {}

    /**
     * Somebody else changed the saga since the caller read it. Read it again and decide anew.
     *
     * @param currentVersion its version now
     * @param currentStatus its status now
     */
    record Conflict(long currentVersion, SagaStatus currentStatus) implements ChangeResult {}

    /**
     * The saga may not go from the one status to the other; a finished saga does not change at all.
     *
     * @param from its status
     * @param to what the change wanted
     */
    record IllegalSagaChange(SagaStatus from, SagaStatus to) implements ChangeResult {}

    /**
     * A step may not go from the one status to the other.
     *
     * @param step the name of the step
     * @param from its status
     * @param to what the change wanted
     */
    record IllegalStepChange(String step, StepStatus from, StepStatus to) implements ChangeResult {}

    /** There is no saga of this identifier. */
    record NotFound() implements ChangeResult {}

    /**
     * The new version, for callers that expect no other answer.
     *
     * @throws IllegalStateException if the change was not applied; the message is this answer
     */
    default long appliedVersion() {
        if (this instanceof Applied applied) {
            return applied.version();
        }
        throw new IllegalStateException("The change was not applied: " + this);
    }
}
