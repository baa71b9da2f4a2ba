package io.sagaz.testkit.assertj;

import io.sagaz.storage.Saga;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.SagaStep;
import io.sagaz.storage.StepStatus;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.AbstractAssert;
import org.assertj.core.api.AbstractStringAssert;
import org.assertj.core.api.Assertions;

/** Assertions on a saga: {@link SagazAssertions#assertThat(Saga)}. */
@SuppressWarnings("exports")
public final class SagaAssert extends AbstractAssert<SagaAssert, Saga> {
    SagaAssert(Saga saga) {
        super(saga, SagaAssert.class);
    }

    /** Where it stands. */
    public SagaAssert hasStatus(SagaStatus expected) {
        return requireEqual("status", expected, saga().status());
    }

    /** Nothing changes any more. */
    public SagaAssert isFinished() {
        return require("to be finished", saga().status().isFinished());
    }

    /** It can still change. */
    public SagaAssert isNotFinished() {
        return require("not to be finished", !saga().status().isFinished());
    }

    /** Its version, from 1. */
    public SagaAssert hasVersion(long expected) {
        return requireEqual("version", expected, saga().version());
    }

    /** The name of its kind. */
    public SagaAssert hasName(String expected) {
        return requireEqual("name", expected, saga().summary().name());
    }

    /** The key it was started with. */
    public SagaAssert hasIdempotencyKey(String expected) {
        return requireEqual("idempotency key", Optional.of(expected), saga().idempotencyKey());
    }

    /** Who had its last lease. */
    public SagaAssert isOwnedBy(String expected) {
        return requireEqual("owner", Optional.of(expected), saga().summary().owner());
    }

    /** Nobody had a lease, or it is finished. */
    public SagaAssert hasNoOwner() {
        return requireEqual("owner", Optional.empty(), saga().summary().owner());
    }

    /** It has an error with this text in it. */
    public SagaAssert hasErrorContaining(String expected) {
        return require(
                "an error that contains \"" + expected + '"',
                saga().error().filter(error -> error.contains(expected)).isPresent());
    }

    /** It has no error. */
    public SagaAssert hasNoError() {
        return require("no error", saga().error().isEmpty());
    }

    /** The names of all its steps, in their order. */
    public SagaAssert hasSteps(String... expected) {
        List<String> names = saga().steps().stream().map(SagaStep::name).toList();
        return requireEqual("steps", Arrays.asList(expected), names);
    }

    /** The statuses of all its steps, in their order. */
    public SagaAssert hasStepStatuses(StepStatus... expected) {
        List<StepStatus> statuses =
                saga().steps().stream().map(SagaStep::status).toList();
        return requireEqual("statuses of its steps", Arrays.asList(expected), statuses);
    }

    /**
     * Goes on with a step.
     *
     * @param name the step's
     * @throws AssertionError if it has no such step
     */
    public StepAssert step(String name) {
        return saga().steps().stream()
                .filter(step -> step.name().equals(name))
                .findFirst()
                .map(step -> new StepAssert(step, saga()))
                .orElseThrow(() -> failure("Expected a step \"%s\", but of%n%s", name, Prints.of(saga())));
    }

    /** Goes on with the data it was started with, which is JSON text as the store shows it. */
    public AbstractStringAssert<?> context() {
        return Assertions.assertThat(saga().context()).as("context of%n%s", Prints.of(saga()));
    }

    /**
     * Goes on with what it produced, which is JSON text as the store shows it.
     *
     * @throws AssertionError if it has no result
     */
    public AbstractStringAssert<?> result() {
        String result = saga().result().orElseThrow(() -> failure("Expected a result, but of%n%s", Prints.of(saga())));
        return Assertions.assertThat(result).as("result of%n%s", Prints.of(saga()));
    }

    private Saga saga() {
        isNotNull();
        return actual;
    }

    private SagaAssert requireEqual(String what, Object expected, Object is) {
        if (!expected.equals(is)) {
            throw failure("Expected %s %s, but it is %s of%n%s", what, shown(expected), shown(is), Prints.of(actual));
        }
        return this;
    }

    private static Object shown(Object value) {
        return value instanceof Optional<?> optional
                ? optional.<Object>map(each -> each).orElse("none")
                : value;
    }

    private SagaAssert require(String expected, boolean holds) {
        if (!holds) {
            throw failure("Expected %s, but it is%n%s", expected, Prints.of(actual));
        }
        return this;
    }
}
