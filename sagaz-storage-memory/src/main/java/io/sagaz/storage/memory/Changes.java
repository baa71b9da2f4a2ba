package io.sagaz.storage.memory;

import io.sagaz.storage.ChangeResult;
import io.sagaz.storage.Lease;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.Saga;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.SagaStep;
import io.sagaz.storage.SagaSummary;
import io.sagaz.storage.StepChange;
import io.sagaz.storage.StepStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What becomes of a saga by a change, and which changes are refused. Pure; documents are as they are kept. */
final class Changes {
    private Changes() {}

    /** A saga as it is started. */
    static Saga started(NewSaga saga, String context, Instant now) {
        List<SagaStep> steps = new ArrayList<>();
        for (String name : saga.steps()) {
            steps.add(pending(name, steps.size()));
        }
        SagaSummary summary = new SagaSummary(
                saga.id(),
                saga.name(),
                SagaStatus.PENDING,
                1,
                now,
                Optional.empty(),
                saga.lease().map(Lease::owner),
                saga.lease().map(lease -> now.plus(lease.duration())));
        return new Saga(summary, context, Optional.empty(), Optional.empty(), saga.idempotencyKey(), steps);
    }

    /** Why a change may not be made; empty if it may. */
    static Optional<ChangeResult> refusal(Saga saga, long expectedVersion, SagaChange change) {
        if (saga.version() != expectedVersion) {
            return Optional.of(new ChangeResult.Conflict(saga.version(), saga.status()));
        }
        boolean allowed = change.status()
                .map(saga.status()::canBecome)
                .orElse(!saga.status().isFinished());
        if (!allowed) {
            return Optional.of(new ChangeResult.IllegalSagaChange(
                    saga.status(), change.status().orElse(saga.status())));
        }
        for (StepChange step : change.steps()) {
            StepStatus from =
                    step(saga.steps(), step.name()).map(SagaStep::status).orElse(StepStatus.PENDING);
            if (!from.canBecome(step.status())) {
                return Optional.of(new ChangeResult.IllegalStepChange(step.name(), from, step.status()));
            }
        }
        return Optional.empty();
    }

    /**
     * The saga after a change that is not refused.
     *
     * @param stepChanges those of the change, with their outputs as they are kept
     */
    static Saga changed(Saga saga, SagaChange change, List<StepChange> stepChanges, Instant now) {
        SagaSummary before = saga.summary();
        SagaStatus status = change.status().orElse(saga.status());
        boolean finished = status.isFinished();
        SagaSummary summary = new SagaSummary(
                before.id(),
                before.name(),
                status,
                before.version() + 1,
                now,
                finished ? Optional.of(now) : Optional.empty(),
                finished ? Optional.empty() : change.lease().map(Lease::owner).or(before::owner),
                finished
                        ? Optional.empty()
                        : change.lease()
                                .map(lease -> now.plus(lease.duration()))
                                .or(before::leasedUntil));
        List<SagaStep> steps = new ArrayList<>(saga.steps());
        for (StepChange step : stepChanges) {
            Optional<SagaStep> known = step(steps, step.name());
            SagaStep next = changed(known.orElseGet(() -> pending(step.name(), nextIndex(steps))), step, now);
            known.ifPresentOrElse(old -> steps.set(steps.indexOf(old), next), () -> steps.add(next));
        }
        return new Saga(
                summary,
                saga.context(),
                change.result().or(saga::result),
                change.error().or(saga::error),
                saga.idempotencyKey(),
                steps);
    }

    /** The saga after somebody has claimed it. */
    static Saga claimed(Saga saga, Lease lease, Instant now) {
        SagaSummary before = saga.summary();
        SagaSummary summary = new SagaSummary(
                before.id(),
                before.name(),
                before.status(),
                before.version() + 1,
                now,
                before.completedAt(),
                Optional.of(lease.owner()),
                Optional.of(now.plus(lease.duration())));
        return new Saga(summary, saga.context(), saga.result(), saga.error(), saga.idempotencyKey(), saga.steps());
    }

    private static SagaStep changed(SagaStep step, StepChange change, Instant now) {
        boolean again = step.status() == StepStatus.FAILED && change.status() == StepStatus.RUNNING;
        boolean atWork = change.status() == StepStatus.RUNNING || change.status() == StepStatus.COMPENSATING;
        return new SagaStep(
                step.name(),
                step.index(),
                change.status(),
                change.output().or(step::output),
                change.error(),
                again ? step.retries() + 1 : step.retries(),
                step.startedAt().or(() -> Optional.of(now)),
                atWork ? Optional.empty() : Optional.of(now));
    }

    private static SagaStep pending(String name, int index) {
        return new SagaStep(
                name,
                index,
                StepStatus.PENDING,
                Optional.empty(),
                Optional.empty(),
                0,
                Optional.empty(),
                Optional.empty());
    }

    private static int nextIndex(List<SagaStep> steps) {
        return steps.stream().mapToInt(SagaStep::index).max().orElse(-1) + 1;
    }

    private static Optional<SagaStep> step(List<SagaStep> steps, String name) {
        return steps.stream().filter(step -> step.name().equals(name)).findFirst();
    }
}
