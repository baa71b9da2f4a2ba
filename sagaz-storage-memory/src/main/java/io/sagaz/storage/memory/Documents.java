package io.sagaz.storage.memory;

import io.sagaz.storage.AuditEntry;
import io.sagaz.storage.EventPayload;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.StepChange;
import java.util.List;

/** Checks the documents of what is to be written, and gives it back with them as they are kept. Nothing is written meanwhile. */
final class Documents {
    private Documents() {}

    /** What is started, as it is kept. */
    record Start(NewSaga saga, String context, List<Event> events, List<AuditEntry> entries) {
        static Start of(NewSaga saga) {
            Checks.distinct(saga.events().stream());
            return new Start(
                    saga,
                    JsonDocument.normalized("NewSaga.context", saga.context()),
                    saga.events().stream().map(Event::of).toList(),
                    saga.auditEntries().stream().map(Documents::entry).toList());
        }
    }

    /** An event with its payload as it is kept. */
    record Event(OutboxEvent event, EventPayload payload) {
        static Event of(OutboxEvent event) {
            EventPayload payload = event.payload() instanceof EventPayload.Json json
                    ? new EventPayload.Json(JsonDocument.normalized(
                            "OutboxEvent.payload for topic \"" + event.topic() + "\"", json.text()))
                    : event.payload();
            return new Event(event, payload);
        }
    }

    /** A change, with its result, its steps, its events and its entries as they are kept. */
    record Change(SagaChange change, List<StepChange> steps, List<Event> events, List<AuditEntry> entries) {
        static Change of(SagaChange change) {
            Checks.distinct(change.events().stream());
            return new Change(
                    change.result()
                            .map(result -> change.result(JsonDocument.normalized("SagaChange.result", result)))
                            .orElse(change),
                    change.steps().stream().map(Documents::step).toList(),
                    change.events().stream().map(Event::of).toList(),
                    change.auditEntries().stream().map(Documents::entry).toList());
        }
    }

    /** An entry with its data as they are kept. */
    static AuditEntry entry(AuditEntry entry) {
        return entry.json(JsonDocument.normalized("AuditEntry.data of \"" + entry.type() + "\"", entry.data()));
    }

    private static StepChange step(StepChange step) {
        String what = "StepChange.output of \"" + step.name() + "\"";
        return new StepChange(
                step.name(),
                step.status(),
                step.output().map(output -> JsonDocument.normalized(what, output)),
                step.error());
    }
}
