package io.sagaz.testkit.assertj;

import io.sagaz.storage.Saga;
import io.sagaz.storage.SagaStep;
import io.sagaz.storage.StepStatus;
import org.assertj.core.api.AbstractAssert;
import org.assertj.core.api.AbstractStringAssert;
import org.assertj.core.api.Assertions;

/** Assertions on a step of a saga: {@link SagaAssert#step(String)}. */
@SuppressWarnings("exports")
public final class StepAssert extends AbstractAssert<StepAssert, SagaStep> {
    private final Saga saga;

    StepAssert(SagaStep step, Saga saga) {
        super(step, StepAssert.class);
        this.saga = saga;
    }

    /** Where it stands. */
    public StepAssert hasStatus(StepStatus expected) {
        return require("status " + expected, actual.status() == expected);
    }

    /** How often it was begun again after a failure. */
    public StepAssert hasRetries(int expected) {
        return require(expected + " retries", actual.retries() == expected);
    }

    /** It has an error with this text in it. */
    public StepAssert hasErrorContaining(String expected) {
        return require(
                "an error that contains \"" + expected + '"',
                actual.error().filter(error -> error.contains(expected)).isPresent());
    }

    /** It has no error. */
    public StepAssert hasNoError() {
        return require("no error", actual.error().isEmpty());
    }

    /**
     * Goes on with what it produced, which is JSON text as the store shows it.
     *
     * @throws AssertionError if it has no output
     */
    public AbstractStringAssert<?> output() {
        require("an output", actual.output().isPresent());
        return Assertions.assertThat(actual.output().orElseThrow())
                .as("output of step \"%s\" of%n%s", actual.name(), Prints.of(saga));
    }

    /** Goes back to the saga. */
    public SagaAssert andItsSaga() {
        return new SagaAssert(saga);
    }

    private StepAssert require(String expected, boolean holds) {
        if (!holds) {
            throw failure("Expected %s of step \"%s\", but it is%n%s", expected, actual.name(), Prints.of(saga));
        }
        return this;
    }
}
