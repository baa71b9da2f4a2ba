package io.sagaz.storage.postgres.internal.sql;

import io.sagaz.storage.AuditEntry;
import io.sagaz.storage.ClaimRequest;
import io.sagaz.storage.EventPayload;
import io.sagaz.storage.Lease;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.SagaUpdate;
import io.sagaz.storage.StepChange;
import io.sagaz.storage.postgres.SizeLimits;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiConsumer;

/**
 * Says in JSON what the functions of {@code V1_8__writes.sql} are to do, and refuses what they could not: JSON that jsonb
 * does not take, an event twice, more than the limits allow. Nothing has been sent by then.
 */
final class WriteRequests {
    private final SizeLimits limits;
    private final boolean mark;
    private final Optional<Duration> lockTimeout;

    /**
     * Requests within these limits.
     *
     * @param mark whether the answer is to say which transaction it was
     * @param lockTimeout for how long the server waits for a lock; empty leaves that to the session
     */
    WriteRequests(SizeLimits limits, boolean mark, Optional<Duration> lockTimeout) {
        this.limits = limits;
        this.mark = mark;
        this.lockTimeout = lockTimeout;
    }

    String start(NewSaga saga, ChangeId entry) {
        checkDistinct(saga.events());
        Request request = new Request(limits);
        return request.object(() -> start(request, saga, entry)).text();
    }

    String startAll(List<NewSaga> sagas, List<ChangeId> entries) {
        checkDistinct(sagas.stream().flatMap(saga -> saga.events().stream()).toList());
        return all(sagas.size(), (request, place) -> {
            start(request, sagas.get(place), entries.get(place));
            request.flag("strict");
        });
    }

    String apply(SagaUpdate update, ChangeId entry) {
        checkDistinct(update.change().events());
        Request request = new Request(limits);
        return request.object(() -> apply(request, update, entry)).text();
    }

    String applyAll(List<SagaUpdate> updates, List<ChangeId> entries) {
        checkDistinct(updates.stream()
                .flatMap(update -> update.change().events().stream())
                .toList());
        return all(updates.size(), (request, place) -> apply(request, updates.get(place), entries.get(place)));
    }

    private String all(int size, BiConsumer<Request, Integer> write) {
        Request request = new Request(limits);
        request.count(size);
        return request.array(() -> {
                    for (int place = 0; place < size; place++) {
                        int here = place;
                        request.object(() -> write.accept(request, here));
                    }
                })
                .text();
    }

    String annotate(SagaId id, AuditEntry entry, ChangeId entryId) {
        Request request = new Request(limits);
        return request.object(() -> {
                    request.member("id", id);
                    request.array("audit", 1, () -> auditEntry(request, entry, entryId.value()));
                    manner(request);
                })
                .text();
    }

    String claim(ClaimRequest claim, List<UUID> entries, boolean again) {
        Request request = new Request(limits);
        return request.object(() -> {
                    request.member("owner", claim.lease().owner());
                    request.seconds("leaseSeconds", claim.lease().duration());
                    request.seconds("idleSeconds", claim.idleFor());
                    request.array(
                            "entries", entries.size(), () -> entries.forEach(id -> request.element(id.toString())));
                    request.array(
                            "names", claim.names().size(), () -> claim.names().forEach(request::element));
                    if (again) {
                        request.flag("again");
                    }
                    manner(request);
                })
                .text();
    }

    String emit(List<OutboxEvent> events) {
        checkDistinct(events);
        Request request = new Request(limits);
        request.count(events.size());
        return request.object(() -> {
                    request.array("events", events.size(), () -> events.forEach(event -> event(request, event)));
                    manner(request);
                })
                .text();
    }

    private void start(Request request, NewSaga saga, ChangeId entry) {
        request.member("id", saga.id());
        request.member("entry", entry.value());
        request.member("name", saga.name());
        request.member("key", saga.idempotencyKey());
        request.document("context", "NewSaga.context", saga.context());
        request.count(saga.steps().size());
        request.array("steps", saga.steps().size(), () -> saga.steps().forEach(request::element));
        beside(request, saga.id(), saga.events(), saga.auditEntries(), saga.lease());
    }

    private void apply(Request request, SagaUpdate update, ChangeId entry) {
        SagaChange change = update.change();
        request.member("id", update.id());
        request.member("entry", entry.value());
        request.member("version", update.expectedVersion());
        request.member("status", change.status());
        request.array("from", 1, () -> allowedFrom(change.status()).forEach(from -> request.element(from.name())));
        change.result().ifPresent(result -> request.document("result", "SagaChange.result", result));
        request.bounded("error", "SagaChange.error", change.error());
        request.count(change.steps().size());
        request.array("steps", change.steps().size(), () -> change.steps().forEach(step -> step(request, step)));
        beside(request, update.id(), change.events(), change.auditEntries(), change.lease());
    }

    private static void step(Request request, StepChange step) {
        request.object(() -> {
            request.member("name", step.name());
            request.member("status", step.status());
            request.array("from", 1, () -> step.status().predecessors().forEach(from -> request.element(from.name())));
            step.output()
                    .ifPresent(output ->
                            request.document("output", "StepChange.output of \"" + step.name() + "\"", output));
            request.bounded("error", "StepChange.error of \"" + step.name() + "\"", step.error());
        });
    }

    private void beside(
            Request request, SagaId id, List<OutboxEvent> events, List<AuditEntry> audit, Optional<Lease> lease) {
        request.count(events.size() + audit.size());
        request.array("events", events.size(), () -> events.forEach(event -> event(request, event)));
        request.array(
                "audit",
                audit.size(),
                () -> audit.forEach(
                        entry -> auditEntry(request, entry, ChangeId.next(id).value())));
        lease.ifPresent(given -> {
            request.member("leaseOwner", given.owner());
            request.seconds("leaseSeconds", given.duration());
        });
        manner(request);
    }

    /** What the transaction is to be like, and what is to be known of it. */
    private void manner(Request request) {
        if (mark) {
            request.flag("mark");
        }
        lockTimeout.ifPresent(timeout -> request.member("waitMillis", timeout.toMillis()));
    }

    private static void auditEntry(Request request, AuditEntry entry, UUID id) {
        request.object(() -> {
            request.member("id", id);
            request.member("type", entry.type());
            request.member("step", entry.step());
            request.member("actor", entry.actor());
            request.document("data", "AuditEntry.data of \"" + entry.type() + "\"", entry.data());
        });
    }

    private static void event(Request request, OutboxEvent event) {
        String what = "OutboxEvent.payload for topic \"" + event.topic() + "\"";
        request.object(() -> {
            request.member("id", event.id());
            request.member("topic", event.topic());
            request.member("key", event.key());
            request.member("type", event.type());
            if (event.payload() instanceof EventPayload.Json json) {
                request.document("payload", what, json.text());
            } else if (event.payload() instanceof EventPayload.Bytes bytes) {
                request.bytes("bytes", what, bytes.toByteArray());
                request.member("contentType", bytes.contentType());
            }
            if (!event.headers().isEmpty()) {
                request.object("headers", () -> event.headers().forEach(request::member));
            }
        });
    }

    private static void checkDistinct(List<OutboxEvent> events) {
        Set<UUID> ids = new HashSet<>();
        for (OutboxEvent event : events) {
            if (!ids.add(event.id())) {
                throw new IllegalArgumentException("The same " + event + " stands twice: make an event for each");
            }
        }
    }

    /** A change without a status of its own is for every saga that still goes on. */
    private static List<SagaStatus> allowedFrom(Optional<SagaStatus> wanted) {
        return wanted.map(SagaStatus::predecessors)
                .orElseGet(() -> Arrays.stream(SagaStatus.values())
                        .filter(status -> !status.isFinished())
                        .toList());
    }
}
