package io.sagaz.storage.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.AuditEntry;
import io.sagaz.storage.ChangeResult;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.Saga;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.SagaStep;
import io.sagaz.storage.SagaUpdate;
import io.sagaz.storage.StepStatus;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every pair of statuses is decided as {@link SagaStatus} and {@link StepStatus} say. */
abstract class StatusPromises extends Promises {
    StatusPromises(SagaStoreContract contract) {
        super(contract);
    }

    @ParameterizedTest
    @DisplayName("of a saga becomes what it may become, and nothing else")
    @EnumSource
    void aSagaBecomesWhatItsStatusAllows(SagaStatus from) {
        for (SagaStatus to : SagaStatus.values()) {
            SagaId id = started();
            long version = bring(id, from);
            ChangeResult result = writes().apply(id, version, SagaChange.to(to).emit(OutboxEvent.to(newName())));
            boolean may = from.canBecome(to);
            assertThat(result)
                    .isEqualTo(
                            may
                                    ? new ChangeResult.Applied(version + 1, to)
                                    : new ChangeResult.IllegalSagaChange(from, to));
            Saga saga = find(id);
            assertThat(saga.status()).isEqualTo(may ? to : from);
            assertThat(saga.version()).isEqualTo(may ? version + 1 : version);
            assertThat(saga.summary().completedAt().isPresent())
                    .isEqualTo(saga.status().isFinished());
            assertThat(events(id)).hasSize(may ? 1 : 0);
        }
    }

    @ParameterizedTest
    @DisplayName("of a step becomes what it may become, and nothing else")
    @EnumSource
    void aStepBecomesWhatItsStatusAllows(StepStatus from) {
        for (StepStatus to : StepStatus.values()) {
            SagaId id = started("s");
            long version = bringStep(id, from);
            boolean may = from.canBecome(to);
            assertThat(changeOneOfTwo(id, version, to)).isEqualTo(answer(from, to, version));
            assertThat(find(id).status()).isEqualTo(may ? SagaStatus.RUNNING : SagaStatus.PENDING);
            assertThat(find(id).steps()).singleElement().satisfies(step -> {
                assertThat(step.status()).isEqualTo(may ? to : from);
                assertThat(step.retries()).isEqualTo(from == StepStatus.FAILED && to == StepStatus.RUNNING ? 1 : 0);
                assertTimes(step);
            });
            assertThat(events(id)).hasSize(may ? 1 : 0);
        }
    }

    @ParameterizedTest
    @DisplayName("of a step that is new begins as PENDING")
    @EnumSource
    void aNewStepBeginsAsPending(StepStatus to) {
        SagaId id = started();
        boolean may = StepStatus.PENDING.canBecome(to);
        assertThat(changeOneOfTwo(id, 1, to)).isEqualTo(answer(StepStatus.PENDING, to, 1));
        assertThat(find(id).steps()).extracting(SagaStep::status).isEqualTo(may ? List.of(to) : List.of());
        assertThat(find(id).version()).isEqualTo(may ? 2 : 1);
        assertThat(events(id)).hasSize(may ? 1 : 0);
    }

    /** Together with another saga, which it does not keep from being changed. */
    private ChangeResult changeOneOfTwo(SagaId id, long version, StepStatus to) {
        SagaChange change = SagaChange.to(SagaStatus.RUNNING);
        List<ChangeResult> results = writes().applyAll(List.of(
                new SagaUpdate(id, version, change.andStep("s", to).emit(OutboxEvent.to(newName()))),
                new SagaUpdate(started(), 1, change)));
        assertThat(results).hasSize(2);
        assertThat(results.get(1)).isEqualTo(new ChangeResult.Applied(2, SagaStatus.RUNNING));
        return results.get(0);
    }

    private static ChangeResult answer(StepStatus from, StepStatus to, long version) {
        return from.canBecome(to)
                ? new ChangeResult.Applied(version + 1, SagaStatus.RUNNING)
                : new ChangeResult.IllegalStepChange("s", from, to);
    }

    private static void assertTimes(SagaStep step) {
        assertThat(step.startedAt().isPresent()).as("%s", step).isEqualTo(step.status() != StepStatus.PENDING);
        switch (step.status()) {
            case SUCCESS, FAILED, COMPENSATED, SKIPPED ->
                assertThat(step.completedAt().orElseThrow())
                        .as("%s", step)
                        .isAfterOrEqualTo(step.startedAt().orElseThrow());
            case PENDING -> assertThat(step.completedAt()).isEmpty();
            case RUNNING, COMPENSATING -> {}
        }
    }

    private long bringStep(SagaId id, StepStatus status) {
        List<StepStatus> way = switch (status) {
            case PENDING -> List.of();
            case RUNNING -> List.of(StepStatus.RUNNING);
            case SUCCESS -> List.of(StepStatus.SUCCESS);
            case FAILED -> List.of(StepStatus.FAILED);
            case COMPENSATING -> List.of(StepStatus.SUCCESS, StepStatus.COMPENSATING);
            case COMPENSATED -> List.of(StepStatus.SUCCESS, StepStatus.COMPENSATED);
            case SKIPPED -> List.of(StepStatus.SKIPPED);
        };
        long version = 1;
        for (StepStatus next : way) {
            SagaChange change = SagaChange.note(AuditEntry.of("NOTE")).andStep("s", next);
            version = writes().apply(id, version, change).appliedVersion();
        }
        return version;
    }
}
