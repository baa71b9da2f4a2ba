package io.sagaz.storage.memory;

import io.sagaz.storage.AuditRecord;
import io.sagaz.storage.Page;
import io.sagaz.storage.PageRequest;
import io.sagaz.storage.ReadResult;
import io.sagaz.storage.Saga;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaReads;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.SagaSummary;
import io.sagaz.storage.StoredEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/** Reads what is there now. Safe for threads. */
final class Reads implements SagaReads {
    private final Tables tables;

    Reads(Tables tables) {
        this.tables = tables;
    }

    @Override
    public ReadResult<Optional<Saga>> find(SagaId id) {
        Checks.present("id", id);
        return Answers.of(tables.locked(() -> tables.saga(id)));
    }

    @Override
    public ReadResult<Optional<Saga>> find(SagaId id, long version) {
        Checks.present("id", id);
        Checks.atLeastOne("version", version);
        return find(id);
    }

    @Override
    public ReadResult<Optional<Saga>> findByKey(String name, String idempotencyKey) {
        Checks.present("name", name);
        Checks.present("idempotencyKey", idempotencyKey);
        return Answers.of(tables.locked(() -> tables.idOf(name, idempotencyKey).flatMap(tables::saga)));
    }

    @Override
    public ReadResult<Page<SagaSummary>> list(SagaFilter filter, PageRequest page) {
        Checks.present("filter", filter);
        Checks.present("page", page);
        List<SagaSummary> newestFirst = new ArrayList<>(matching(filter));
        Collections.reverse(newestFirst);
        return Answers.of(Cursor.SAGAS.page(
                newestFirst.stream(),
                page,
                saga -> saga.id().toString(),
                last -> saga -> saga.id().toString().compareTo(last) < 0));
    }

    @Override
    public ReadResult<Map<SagaStatus, Long>> countByStatus(SagaFilter filter) {
        Checks.present("filter", filter);
        Map<SagaStatus, Long> counts = new EnumMap<>(SagaStatus.class);
        for (SagaStatus status : SagaStatus.values()) {
            counts.put(status, 0L);
        }
        matching(filter).forEach(saga -> counts.merge(saga.status(), 1L, Long::sum));
        return Answers.of(Collections.unmodifiableMap(counts));
    }

    /** The consumer may write: no lock is held meanwhile. */
    @Override
    public ReadResult<Long> forEach(SagaFilter filter, Consumer<? super SagaSummary> consumer) {
        Checks.present("filter", filter);
        Checks.present("consumer", consumer);
        List<SagaSummary> sagas = matching(filter);
        sagas.forEach(consumer);
        return Answers.of((long) sagas.size());
    }

    @Override
    public ReadResult<Page<AuditRecord>> auditTrail(SagaId id, PageRequest page) {
        Checks.present("id", id);
        Checks.present("page", page);
        return Answers.of(Cursor.AUDIT_TRAIL.page(
                tables.locked(() -> tables.trail(id)).stream(),
                page,
                entry -> entry.id().toString(),
                last -> entry -> Tables.compare(entry.id(), UUID.fromString(last)) > 0));
    }

    @Override
    public ReadResult<Page<StoredEvent>> events(SagaId id, PageRequest page) {
        Checks.present("id", id);
        Checks.present("page", page);
        List<StoredEvent> events = tables.locked(() -> tables.eventsBehind(0).stream()
                .filter(event -> event.saga().equals(Optional.of(id)))
                .toList());
        return Answers.of(Cursor.EVENTS.page(
                events.stream(),
                page,
                event -> String.valueOf(event.number()),
                last -> event -> event.number() > Long.parseLong(last)));
    }

    /** The oldest first. */
    private List<SagaSummary> matching(SagaFilter filter) {
        return tables.locked(() -> {
            Instant now = tables.now();
            return tables.sagas().stream()
                    .map(Saga::summary)
                    .filter(saga -> matches(saga, filter, now))
                    .toList();
        });
    }

    private static boolean matches(SagaSummary saga, SagaFilter filter, Instant now) {
        Instant created = saga.id().createdAt();
        return filter.name().filter(name -> !name.equals(saga.name())).isEmpty()
                && (filter.statuses().isEmpty() || filter.statuses().contains(saga.status()))
                && filter.owner().filter(owner -> !isOwned(saga, owner, now)).isEmpty()
                && filter.createdFrom().filter(created::isBefore).isEmpty()
                && filter.createdBefore()
                        .filter(before -> !created.isBefore(before))
                        .isEmpty();
    }

    private static boolean isOwned(SagaSummary saga, String owner, Instant now) {
        return !saga.status().isFinished()
                && saga.owner().equals(Optional.of(owner))
                && saga.leasedUntil().filter(now::isBefore).isPresent();
    }
}
