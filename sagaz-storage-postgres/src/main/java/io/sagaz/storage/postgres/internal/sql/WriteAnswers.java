package io.sagaz.storage.postgres.internal.sql;

import io.sagaz.storage.ChangeResult;
import io.sagaz.storage.ClaimedSaga;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.SagaUpdate;
import io.sagaz.storage.StartResult;
import io.sagaz.storage.StepStatus;
import io.sagaz.storage.TransientStoreException;

/** Puts the answers of the functions that write into the words of the API. */
final class WriteAnswers {
    private WriteAnswers() {}

    static StartResult started(Answer answer, NewSaga saga) {
        return switch (answer.outcome()) {
            case "STARTED" -> new StartResult.Started(saga.id(), answer.number("version"));
            case "ALREADY_STARTED" -> new StartResult.AlreadyStarted(SagaId.parse(answer.text("id")));
            case "ANOTHER" ->
                throw new IllegalArgumentException("NewSaga.id " + saga.id() + " belongs to a saga named \""
                        + answer.text("name") + "\" with "
                        + answer.optional("key")
                                .map(key -> "the idempotency key \"" + key + "\"")
                                .orElse("no idempotency key")
                        + "; nothing was written. Give each saga an identifier of its own.");
            default -> throw unknown(answer);
        };
    }

    static ChangeResult changed(Answer answer, SagaUpdate update) {
        if (answer.outcome().equals("NOT_FOUND")) {
            return new ChangeResult.NotFound();
        }
        SagaStatus now = answer.constant(SagaStatus.class, "status");
        return switch (answer.outcome()) {
            case "APPLIED" -> new ChangeResult.Applied(answer.number("version"), now);
            case "CONFLICT" -> new ChangeResult.Conflict(answer.number("version"), now);
            case "ILLEGAL_SAGA" ->
                new ChangeResult.IllegalSagaChange(now, update.change().status().orElse(now));
            case "ILLEGAL_STEP" -> {
                String step = answer.text("step");
                yield new ChangeResult.IllegalStepChange(
                        step, answer.constant(StepStatus.class, "stepStatus"), wanted(update.change(), step));
            }
            default -> throw unknown(answer);
        };
    }

    private static StepStatus wanted(SagaChange change, String step) {
        return change.steps().stream()
                .filter(wanted -> wanted.name().equals(step))
                .findFirst()
                .orElseThrow()
                .status();
    }

    /** A transaction that keeps one snapshot cannot tell why its change did not apply: that may be newer. */
    static void refuseOldSnapshot(Answer answer, SagaId id) {
        String isolation = answer.text("isolation");
        if (!isolation.equals("read committed")) {
            throw new TransientStoreException(
                    "The change of saga " + id + " did not apply, and this transaction (" + isolation
                            + ") sees the saga as it was when it began; nothing was written. Roll back, read the saga and"
                            + " try again, or use READ COMMITTED, where the answer says why.",
                    null);
        }
    }

    /** After a lost answer, a version that is gone is final; one that is not there yet may come with the first attempt. */
    static void refuseWhatMayComeYet(ChangeResult result, SagaUpdate update) {
        if (result instanceof ChangeResult.NotFound
                || (result instanceof ChangeResult.Conflict conflict
                        && conflict.currentVersion() < update.expectedVersion())) {
            throw new TransientStoreException(
                    "Version " + update.expectedVersion() + " of saga " + update.id()
                            + " is not there (yet), and the first attempt may still be under way",
                    null);
        }
    }

    static ClaimedSaga claimed(Answer saga) {
        return new ClaimedSaga(
                SagaId.parse(saga.text("id")),
                saga.text("name"),
                saga.constant(SagaStatus.class, "status"),
                saga.number("version"),
                saga.optional("formerOwner"));
    }

    static IllegalStateException unknown(Answer answer) {
        return new IllegalStateException("The database answers " + answer.outcome()
                + ", which this version of the library does not know: are the schema and the library of one version?");
    }
}
