package io.sagaz.storage.contract;

import static io.sagaz.storage.SagaStatus.COMPENSATED;
import static io.sagaz.storage.SagaStatus.COMPENSATING;
import static io.sagaz.storage.SagaStatus.PENDING;
import static io.sagaz.storage.SagaStatus.RUNNING;
import static io.sagaz.storage.SagaStatus.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.sagaz.storage.AuditEntry;
import io.sagaz.storage.AuditRecord;
import io.sagaz.storage.ChangeResult;
import io.sagaz.storage.Lease;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.PermanentStoreException;
import io.sagaz.storage.Saga;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.SagaStep;
import io.sagaz.storage.StepStatus;
import io.sagaz.storage.StoredEvent;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A change applies as a whole to the version that the caller has seen, or not at all. */
abstract class ChangePromises extends Promises {
    private static final Duration HOUR = Duration.ofHours(1);

    ChangePromises(SagaStoreContract contract) {
        super(contract);
    }

    @Test
    @DisplayName("brings it on its way, step by step")
    void aSagaGoesItsWay() {
        SagaId id = started("a", "b");
        assertThat(writes().apply(id, 1, SagaChange.to(RUNNING).andStep("a", StepStatus.RUNNING)))
                .isEqualTo(new ChangeResult.Applied(2, RUNNING));
        writes().apply(id, 2, SagaChange.stepSucceeded("a", "{\"r\":1}"));
        writes().apply(id, 3, SagaChange.stepStarted("b"));
        writes().apply(id, 4, SagaChange.stepFailed("b", "no"));
        assertThat(find(id).steps().get(1).error()).contains("no");
        writes().apply(id, 5, SagaChange.stepStarted("b"));
        assertThat(writes().apply(
                                id,
                                6,
                                SagaChange.stepSucceeded("b", "2")
                                        .andTo(SUCCESS)
                                        .result("[1]")))
                .isEqualTo(new ChangeResult.Applied(7, SUCCESS));

        Saga saga = find(id);
        assertThat(saga.status()).isEqualTo(SUCCESS);
        assertThat(saga.version()).isEqualTo(7);
        assertThat(saga.result()).contains("[1]");
        assertThat(saga.error()).isEmpty();
        assertThat(compact(saga.steps().get(0).output().orElseThrow())).isEqualTo("{\"r\":1}");
        SagaStep b = saga.steps().get(1);
        assertThat(b.status()).isEqualTo(StepStatus.SUCCESS);
        assertThat(b.retries()).as("begun again after a failure").isEqualTo(1);
        assertThat(b.error()).as("cleared by a change that gives none").isEmpty();
        assertThat(b.output()).contains("2");
        assertThat(b.startedAt().orElseThrow())
                .isBeforeOrEqualTo(b.completedAt().orElseThrow());
    }

    @Test
    @DisplayName("undoes it")
    void aSagaIsUndone() {
        SagaId id = started("a", "b");
        writes().apply(id, 1, SagaChange.to(RUNNING).andStep("a", StepStatus.SUCCESS));
        writes().apply(
                        id,
                        2,
                        SagaChange.stepFailed("b", "declined")
                                .andTo(COMPENSATING)
                                .error("declined"));
        writes().apply(id, 3, SagaChange.stepCompensating("a"));
        writes().apply(id, 4, SagaChange.stepCompensated("a").andTo(COMPENSATED));
        Saga saga = find(id);
        assertThat(saga.status()).isEqualTo(COMPENSATED);
        assertThat(saga.error()).as("kept by a change that gives none").contains("declined");
        assertThat(saga.steps())
                .extracting(SagaStep::status)
                .containsExactly(StepStatus.COMPENSATED, StepStatus.FAILED);
        assertThat(saga.summary().completedAt()).isPresent();
    }

    @Test
    @DisplayName("keeps what it does not speak of")
    void whatIsNotSpokenOfIsKept() {
        SagaId id = writes().start(NewSaga.named(newName())
                        .steps("a", "b")
                        .context("[7]")
                        .idempotencyKey("key")
                        .lease(new Lease("worker", HOUR)))
                .id();
        writes().apply(
                        id,
                        1,
                        SagaChange.stepSucceeded("a", "1")
                                .andTo(RUNNING)
                                .result("2")
                                .error("3"));
        Saga before = find(id);
        writes().apply(id, 2, SagaChange.stepStarted("b"));
        Saga after = find(id);
        assertThat(after.status()).isEqualTo(RUNNING);
        assertThat(after.context()).isEqualTo("[7]");
        assertThat(after.idempotencyKey()).contains("key");
        assertThat(after.result()).contains("2");
        assertThat(after.error()).contains("3");
        assertThat(after.summary().owner()).contains("worker");
        assertThat(after.summary().leasedUntil()).isEqualTo(before.summary().leasedUntil());
        assertThat(after.steps().get(0)).isEqualTo(before.steps().get(0));
        assertThat(after.summary().updatedAt())
                .isAfterOrEqualTo(before.summary().updatedAt());

        writes().apply(id, 3, SagaChange.stepSucceeded("b", "4"));
        writes().apply(id, 4, SagaChange.stepCompensating("b"));
        assertThat(find(id).steps().get(1).output())
                .as("of a step that is undone")
                .contains("4");
    }

    @Test
    @DisplayName("adds steps that were not named at the start behind the others")
    void newStepsComeBehindTheOthers() {
        SagaId id = started("a");
        writes().apply(id, 1, SagaChange.stepStarted("x").andStep("y", StepStatus.SKIPPED));
        writes().apply(
                        id,
                        2,
                        SagaChange.to(RUNNING).andStep("a", StepStatus.RUNNING).andStep("z", StepStatus.RUNNING));
        assertThat(find(id).steps())
                .extracting(SagaStep::name, SagaStep::index, SagaStep::status)
                .containsExactly(
                        tuple("a", 0, StepStatus.RUNNING),
                        tuple("x", 1, StepStatus.RUNNING),
                        tuple("y", 2, StepStatus.SKIPPED),
                        tuple("z", 3, StepStatus.RUNNING));
    }

    @Test
    @DisplayName("from a version that is not there any more, or not yet, is a conflict and writes nothing")
    void anotherVersionIsAConflict() {
        SagaId id = started("a");
        writes().apply(id, 1, SagaChange.to(RUNNING));
        Saga before = find(id);
        SagaChange change = SagaChange.stepStarted("a")
                .result("1")
                .emit(OutboxEvent.to(newName()))
                .audit(AuditEntry.of("NOTE"))
                .lease(new Lease("worker", HOUR));
        assertThat(writes().apply(id, 1, change)).isEqualTo(new ChangeResult.Conflict(2, RUNNING));
        assertThat(writes().apply(id, 3, change)).isEqualTo(new ChangeResult.Conflict(2, RUNNING));
        assertThat(writes().apply(id, Long.MAX_VALUE, change)).isEqualTo(new ChangeResult.Conflict(2, RUNNING));
        assertThat(find(id)).isEqualTo(before);
        assertThat(events(id)).isEmpty();
        assertThat(trail(id)).hasSize(2);
    }

    @Test
    @DisplayName("from another version is a conflict also if it would be illegal, or if the saga is finished")
    void aConflictComesBeforeOtherReasons() {
        SagaId id = started("a");
        long version = bring(id, SUCCESS);
        assertThat(writes().apply(id, 1, SagaChange.to(RUNNING)))
                .isEqualTo(new ChangeResult.Conflict(version, SUCCESS));
        assertThat(writes().apply(id, 1, SagaChange.stepCompensated("a")))
                .isEqualTo(new ChangeResult.Conflict(version, SUCCESS));
    }

    @Test
    @DisplayName("a second time by the same change is a conflict, and emits its events once")
    void theSameChangeAppliesOnce() {
        SagaId id = started("a");
        SagaChange change = SagaChange.to(RUNNING).emit(OutboxEvent.to(newName()));
        assertThat(writes().apply(id, 1, change)).isEqualTo(new ChangeResult.Applied(2, RUNNING));
        assertThat(writes().apply(id, 1, change)).isEqualTo(new ChangeResult.Conflict(2, RUNNING));
        assertThat(events(id)).hasSize(1);
    }

    @Test
    @DisplayName("that is not there finds none and writes nothing")
    void aSagaThatIsNotThereIsNotFound() {
        SagaId nobody = SagaId.next();
        assertThat(writes().apply(nobody, 1, SagaChange.to(RUNNING).emit(OutboxEvent.to(newName()))))
                .isEqualTo(new ChangeResult.NotFound());
        assertThat(reads().find(nobody).value()).isEmpty();
        assertThat(events(nobody)).isEmpty();
        assertThat(trail(nobody)).isEmpty();
    }

    @Test
    @DisplayName("in a way that its status or a step's forbids writes nothing")
    void anIllegalChangeWritesNothing() {
        SagaId id = started("a", "b");
        Saga before = find(id);
        OutboxEvent event = OutboxEvent.to(newName());
        assertThat(writes().apply(
                                id,
                                1,
                                SagaChange.to(COMPENSATED)
                                        .andStep("a", StepStatus.SUCCESS)
                                        .emit(event)))
                .isEqualTo(new ChangeResult.IllegalSagaChange(PENDING, COMPENSATED));
        assertThat(writes().apply(
                                id,
                                1,
                                SagaChange.to(RUNNING)
                                        .andStep("a", StepStatus.SUCCESS)
                                        .andStep("b", StepStatus.COMPENSATED)
                                        .emit(event)))
                .isEqualTo(new ChangeResult.IllegalStepChange("b", StepStatus.PENDING, StepStatus.COMPENSATED));
        assertThat(find(id)).isEqualTo(before);
        assertThat(events(id)).isEmpty();
        assertThat(trail(id)).hasSize(1);
    }

    @ParameterizedTest
    @DisplayName("that is finished is not possible, whatever is wanted")
    @EnumSource(names = {"SUCCESS", "FAILED", "COMPENSATED"})
    void aFinishedSagaChangesNoMore(SagaStatus end) {
        SagaId id = started("a");
        long version = bring(id, end);
        assertThat(writes().apply(id, version, SagaChange.stepStarted("a")))
                .isEqualTo(new ChangeResult.IllegalSagaChange(end, end));
        assertThat(writes().apply(id, version, SagaChange.note(AuditEntry.of("NOTE"))))
                .isEqualTo(new ChangeResult.IllegalSagaChange(end, end));
        assertThat(writes().apply(id, version, SagaChange.to(RUNNING)))
                .isEqualTo(new ChangeResult.IllegalSagaChange(end, RUNNING));
        assertThat(find(id).version()).isEqualTo(version);
    }

    @Test
    @DisplayName("emits its events behind those before, in their order")
    void eventsOfChangesFollowEachOther() {
        OutboxEvent first = OutboxEvent.to(newName());
        OutboxEvent second = OutboxEvent.to(newName());
        OutboxEvent third = OutboxEvent.to(newName());
        SagaId id = writes().start(NewSaga.named(newName()).emit(first)).id();
        writes().apply(id, 1, SagaChange.to(RUNNING).emit(third).emit(second));
        assertThat(events(id))
                .extracting(StoredEvent::id)
                .as("as they were given, not as they were made")
                .containsExactly(first.id(), third.id(), second.id());
    }

    @Test
    @DisplayName("with an event that is there already fails and leaves it as it is")
    void anEventThatIsThereChangesNothing() {
        SagaId id = started("a");
        Saga before = find(id);
        OutboxEvent there = OutboxEvent.to(newName());
        writes().emit(List.of(there));
        assertThatThrownBy(() -> writes().apply(
                                id,
                                1,
                                SagaChange.stepStarted("a")
                                        .andTo(RUNNING)
                                        .emit(OutboxEvent.to(newName()))
                                        .emit(there)))
                .isInstanceOf(PermanentStoreException.class);
        assertThat(find(id)).isEqualTo(before);
        assertThat(events(id)).isEmpty();
        assertThat(trail(id)).hasSize(1);
    }

    @Test
    @DisplayName("is told by the audit log with its version, before the entries that come with it")
    void theAuditLogTellsOfEachChange() {
        SagaId id = started("a");
        writes().apply(id, 1, SagaChange.to(RUNNING).audit(AuditEntry.of("NOTE")));
        writes().apply(id, 1, SagaChange.to(SUCCESS));
        writes().apply(id, 2, SagaChange.note(AuditEntry.of("REMARK")));
        assertThat(trail(id))
                .extracting(AuditRecord::type, entry -> entry.version().orElseThrow())
                .containsExactly(
                        tuple("SAGA_STARTED", 1L),
                        tuple("SAGA_CHANGED", 2L),
                        tuple("NOTE", 2L),
                        tuple("SAGA_CHANGED", 3L),
                        tuple("REMARK", 3L));
        assertThat(find(id).version())
                .as("also by a change that only notes something")
                .isEqualTo(3);
    }

    @ParameterizedTest
    @DisplayName("to its end says when that was, and ends its lease")
    @EnumSource(names = {"SUCCESS", "FAILED", "COMPENSATED"})
    void theEndOfASagaEndsItsLease(SagaStatus end) {
        SagaId id = writes().start(NewSaga.named(newName()).lease(new Lease("worker", HOUR)))
                .id();
        long version = bring(id, end == COMPENSATED ? COMPENSATING : RUNNING);
        assertThat(find(id).summary().owner()).contains("worker");
        assertThat(find(id).summary().completedAt()).isEmpty();
        writes().apply(id, version, SagaChange.to(end).lease(new Lease("worker", HOUR)))
                .appliedVersion();
        assertThat(find(id).summary().owner()).isEmpty();
        assertThat(find(id).summary().leasedUntil()).isEmpty();
        assertThat(find(id).summary().completedAt()).isPresent();
    }

    @Test
    @DisplayName("may hand it to another worker")
    void aLeaseIsHandedOver() {
        SagaId id = started();
        writes().apply(id, 1, SagaChange.renewed(new Lease("first", HOUR)));
        writes().apply(id, 2, SagaChange.to(RUNNING).lease(new Lease("second", HOUR.multipliedBy(3))));
        assertThat(find(id).summary().owner()).contains("second");
        assertThat(find(id).summary().leasedUntil().orElseThrow())
                .isAfter(find(id).summary().updatedAt().plus(HOUR));
    }

    @Test
    @DisplayName("with bad input is refused and leaves it as it is")
    @SuppressWarnings("NullAway") // What must not be null is.
    void badInputChangesNothing() {
        SagaId id = started("a");
        Saga before = find(id);
        OutboxEvent event = OutboxEvent.to(newName());
        refuses(() -> writes().apply(null, 1, SagaChange.to(RUNNING)));
        refuses(() -> writes().apply(id, 1, null));
        refuses(() -> writes().apply(id, 0, SagaChange.to(RUNNING)));
        refuses(() -> writes().apply(id, -1, SagaChange.to(RUNNING)));
        refuses(() -> writes().apply(id, 1, SagaChange.to(RUNNING).result("{")));
        refuses(() -> writes().apply(id, 1, SagaChange.to(RUNNING).emit(event).emit(event.json("{"))));
        assertThat(find(id)).isEqualTo(before);
        assertThat(events(id)).isEmpty();
    }
}
