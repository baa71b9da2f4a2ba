package io.sagaz.storage;

/**
 * How the sagas of one kind ended in a span of time.
 *
 * @param name the kind of saga
 * @param succeeded how many came to {@link SagaStatus#SUCCESS}
 * @param failed how many came to {@link SagaStatus#FAILED}
 * @param compensated how many came to {@link SagaStatus#COMPENSATED}
 */
public record SagaOutcomes(String name, long succeeded, long failed, long compensated) {
    /** How many ended. */
    public long finished() {
        return succeeded + failed + compensated;
    }

    /** The share of those that did not succeed, failed or compensated, among those that ended: 0 to 1; 0 if none ended. */
    public double failureRate() {
        return finished() == 0 ? 0 : (double) (failed + compensated) / finished();
    }
}
