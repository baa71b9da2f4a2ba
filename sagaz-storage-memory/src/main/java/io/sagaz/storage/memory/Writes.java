package io.sagaz.storage.memory;

import io.sagaz.storage.AuditEntry;
import io.sagaz.storage.ChangeResult;
import io.sagaz.storage.ClaimRequest;
import io.sagaz.storage.ClaimedSaga;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.PermanentStoreException;
import io.sagaz.storage.Saga;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.SagaUpdate;
import io.sagaz.storage.SagaWrites;
import io.sagaz.storage.StartResult;
import io.sagaz.storage.StepChange;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Checks what is to be written, and writes it in one piece. Safe for threads. */
final class Writes implements SagaWrites {
    private final Tables tables;
    private final Listeners listeners;

    Writes(Tables tables, Listeners listeners) {
        this.tables = tables;
        this.listeners = listeners;
    }

    @Override
    public StartResult start(NewSaga saga) {
        Documents.Start start = Documents.Start.of(Checks.present("saga", saga));
        StartResult result = tables.atomically(() -> {
            Optional<Saga> there = tables.saga(saga.id());
            if (isAnother(there, saga) && !isTaken(saga)) {
                throw new IllegalArgumentException(another(there.orElseThrow()));
            }
            return startChecked(start);
        });
        listeners.tell(!saga.events().isEmpty());
        return result;
    }

    @Override
    public List<StartResult> startAll(List<NewSaga> sagas) {
        List<NewSaga> given = Checks.elements("sagas", sagas);
        Checks.distinct(given.stream().flatMap(saga -> saga.events().stream()));
        List<Documents.Start> starts = given.stream().map(Documents.Start::of).toList();
        List<StartResult> results =
                tables.atomically(() -> starts.stream().map(this::startChecked).toList());
        listeners.tell(given.stream().anyMatch(saga -> !saga.events().isEmpty()));
        return results;
    }

    private StartResult startChecked(Documents.Start start) {
        NewSaga saga = start.saga();
        if (isTaken(saga)) {
            return new StartResult.AlreadyStarted(owner(saga).orElseThrow());
        }
        Optional<Saga> there = tables.saga(saga.id());
        if (isAnother(there, saga)) {
            throw new PermanentStoreException(another(there.orElseThrow()), null);
        }
        if (there.isPresent()) {
            return new StartResult.AlreadyStarted(saga.id());
        }
        saga.idempotencyKey().ifPresent(key -> tables.takeKey(saga.name(), key, saga.id()));
        Saga started = Changes.started(saga, start.context(), tables.now());
        tables.put(started);
        AuditEntry own = AuditEntry.of("SAGA_STARTED").json("{\"name\": " + JsonDocument.quoted(saga.name()) + "}");
        tables.tell(started.summary(), own);
        start.entries().forEach(entry -> tables.tell(started.summary(), entry));
        start.events().forEach(event -> tables.append(event, Optional.of(saga.id())));
        return new StartResult.Started(saga.id(), 1);
    }

    private Optional<SagaId> owner(NewSaga saga) {
        return saga.idempotencyKey().flatMap(key -> tables.idOf(saga.name(), key));
    }

    private boolean isTaken(NewSaga saga) {
        return owner(saga).isPresent();
    }

    private static boolean isAnother(Optional<Saga> there, NewSaga saga) {
        return there.filter(first -> !first.summary().name().equals(saga.name())
                        || !first.idempotencyKey().equals(saga.idempotencyKey()))
                .isPresent();
    }

    private static String another(Saga there) {
        return "NewSaga.id " + there.id() + " belongs to a saga named \""
                + there.summary().name() + "\" with "
                + there.idempotencyKey()
                        .map(key -> "the idempotency key \"" + key + "\"")
                        .orElse("no idempotency key")
                + "; nothing was written. Give each saga an identifier of its own.";
    }

    @Override
    public ChangeResult apply(SagaId id, long expectedVersion, SagaChange change) {
        Checks.present("id", id);
        Checks.present("change", change);
        SagaUpdate update = new SagaUpdate(id, expectedVersion, change);
        Documents.Change documents = Documents.Change.of(change);
        ChangeResult result = tables.atomically(() -> applyChecked(update, documents));
        listeners.tell(!change.events().isEmpty());
        return result;
    }

    @Override
    public List<ChangeResult> applyAll(List<SagaUpdate> updates) {
        List<SagaUpdate> given = Checks.elements("updates", updates);
        checkDistinct(given);
        Checks.distinct(given.stream().flatMap(update -> update.change().events().stream()));
        List<Documents.Change> documents = given.stream()
                .map(update -> Documents.Change.of(update.change()))
                .toList();
        List<ChangeResult> results = tables.atomically(() -> {
            List<ChangeResult> applied = new ArrayList<>();
            for (int i = 0; i < given.size(); i++) {
                applied.add(applyChecked(given.get(i), documents.get(i)));
            }
            return List.copyOf(applied);
        });
        listeners.tell(
                given.stream().anyMatch(update -> !update.change().events().isEmpty()));
        return results;
    }

    private ChangeResult applyChecked(SagaUpdate update, Documents.Change documents) {
        Optional<Saga> there = tables.saga(update.id());
        if (there.isEmpty()) {
            return new ChangeResult.NotFound();
        }
        Optional<ChangeResult> refusal = Changes.refusal(there.get(), update.expectedVersion(), update.change());
        if (refusal.isPresent()) {
            return refusal.get();
        }
        Saga changed = Changes.changed(there.get(), documents.change(), documents.steps(), tables.now());
        tables.put(changed);
        tables.tell(changed.summary(), AuditEntry.of("SAGA_CHANGED").json(told(changed.status(), documents.steps())));
        documents.entries().forEach(entry -> tables.tell(changed.summary(), entry));
        documents.events().forEach(event -> tables.append(event, Optional.of(update.id())));
        return new ChangeResult.Applied(changed.version(), changed.status());
    }

    private static String told(SagaStatus status, List<StepChange> steps) {
        return JsonDocument.normalized(
                "SAGA_CHANGED",
                "{\"status\": \"" + status + "\", \"steps\": {"
                        + steps.stream()
                                .map(step -> JsonDocument.quoted(step.name()) + ": \"" + step.status() + "\"")
                                .collect(Collectors.joining(", "))
                        + "}}");
    }

    @Override
    public boolean annotate(SagaId id, AuditEntry entry) {
        Checks.present("id", id);
        AuditEntry kept = Documents.entry(Checks.present("entry", entry));
        return tables.atomically(() -> {
            Optional<Saga> there = tables.saga(id);
            there.ifPresent(saga -> tables.tell(saga.summary(), kept));
            return there.isPresent();
        });
    }

    @Override
    public List<ClaimedSaga> claimAbandoned(ClaimRequest request) {
        Checks.present("request", request);
        return tables.atomically(() -> {
            Instant now = tables.now();
            Map<String, List<Saga>> abandoned = new TreeMap<>();
            tables.sagas().stream()
                    .filter(saga -> Claims.isAbandoned(saga.summary(), request, now))
                    .forEach(saga -> abandoned
                            .computeIfAbsent(saga.summary().name(), name -> new ArrayList<>())
                            .add(saga));
            return Claims.shared(abandoned, request.limit()).stream()
                    .map(saga -> claim(saga, request, now))
                    .toList();
        });
    }

    private ClaimedSaga claim(Saga saga, ClaimRequest request, Instant now) {
        Saga claimed = Changes.claimed(saga, request.lease(), now);
        tables.put(claimed);
        String former = saga.summary().owner().map(JsonDocument::quoted).orElse("null");
        tables.tell(
                claimed.summary(),
                AuditEntry.of("SAGA_CLAIMED")
                        .actor(request.lease().owner())
                        .json("{\"name\": " + JsonDocument.quoted(saga.summary().name()) + ", \"status\": \""
                                + saga.status() + "\", \"formerOwner\": " + former + "}"));
        return new ClaimedSaga(
                saga.id(),
                saga.summary().name(),
                saga.status(),
                claimed.version(),
                saga.summary().owner());
    }

    @Override
    public void emit(List<OutboxEvent> events) {
        List<OutboxEvent> given = Checks.elements("events", events);
        Checks.distinct(given.stream());
        List<Documents.Event> documents =
                given.stream().map(Documents.Event::of).toList();
        tables.atomically(() -> {
            documents.forEach(event -> tables.append(event, Optional.empty()));
            return given.size();
        });
        listeners.tell(!given.isEmpty());
    }

    private static void checkDistinct(List<SagaUpdate> updates) {
        Set<SagaId> ids = new HashSet<>();
        for (SagaUpdate update : updates) {
            if (!ids.add(update.id())) {
                throw new IllegalArgumentException(
                        "updates must not name a saga twice: " + update.id() + ". Make one change of both.");
            }
        }
    }
}
