package io.sagaz.storage.memory;

import io.sagaz.storage.AuditEntry;
import io.sagaz.storage.AuditRecord;
import io.sagaz.storage.PermanentStoreException;
import io.sagaz.storage.Saga;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaSummary;
import io.sagaz.storage.StoredEvent;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the store holds. One lock guards everything: a call that writes is done as a whole before another one begins, so that the
 * numbers of events ascend as their writes become visible. A write that fails is undone, step by step, from its end.
 *
 * <p>Whoever asks for anything holds the lock, by {@link #locked}; whoever writes sagas, entries or events, by {@link #atomically}.
 * The values that are handed out are immutable.
 */
final class Tables {
    private record Key(String name, String key) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final Clock clock;
    private final EntryIds entryIds = new EntryIds();
    private final NavigableMap<UUID, Saga> sagas = new TreeMap<>(Tables::compare);
    private final Map<Key, SagaId> keys = new HashMap<>();
    private final Map<SagaId, List<AuditRecord>> trails = new HashMap<>();
    /** An event has the number of its place, counted from 1. */
    private final List<StoredEvent> events = new ArrayList<>();

    private final Set<UUID> eventIds = new HashSet<>();
    private final Deque<Runnable> undo = new ArrayDeque<>();

    Tables(Clock clock) {
        this.clock = clock;
    }

    /** The order of their texts; that of {@link UUID#compareTo} is by signed numbers. */
    static int compare(UUID a, UUID b) {
        int order = Long.compareUnsigned(a.getMostSignificantBits(), b.getMostSignificantBits());
        return order != 0 ? order : Long.compareUnsigned(a.getLeastSignificantBits(), b.getLeastSignificantBits());
    }

    <T> T locked(Supplier<T> work) {
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }

    /** Does the work as a whole, or leaves everything as it was if it throws. */
    <T> T atomically(Supplier<T> work) {
        lock.lock();
        try {
            T result = work.get();
            undo.clear();
            return result;
        } finally {
            while (!undo.isEmpty()) {
                undo.pop().run();
            }
            lock.unlock();
        }
    }

    /** As exact as PostgreSQL keeps it. */
    Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    Optional<Saga> saga(SagaId id) {
        return Optional.ofNullable(sagas.get(id.value()));
    }

    Optional<SagaId> idOf(String name, String key) {
        return Optional.ofNullable(keys.get(new Key(name, key)));
    }

    /** The oldest first. */
    Collection<Saga> sagas() {
        return sagas.values();
    }

    void takeKey(String name, String key, SagaId id) {
        Key taken = new Key(name, key);
        keys.put(taken, id);
        undo.push(() -> keys.remove(taken));
    }

    void put(Saga saga) {
        UUID id = saga.id().value();
        @Nullable Saga former = sagas.put(id, saga);
        undo.push(() -> {
            if (former == null) {
                sagas.remove(id);
            } else {
                sagas.put(id, former);
            }
        });
    }

    /** What is told of a saga, the oldest first. */
    List<AuditRecord> trail(SagaId id) {
        List<AuditRecord> trail = new ArrayList<>(trails.getOrDefault(id, List.of()));
        trail.sort(Comparator.comparing(AuditRecord::id, Tables::compare));
        return trail;
    }

    void tell(SagaSummary saga, AuditEntry entry) {
        Instant created = saga.id().createdAt();
        Instant now = now().truncatedTo(ChronoUnit.MILLIS);
        Instant time = now.isBefore(created) ? created : now;
        List<AuditRecord> trail = trails.computeIfAbsent(saga.id(), id -> new ArrayList<>());
        trail.add(new AuditRecord(
                entryIds.next(time),
                time,
                saga.id(),
                Optional.of(saga.version()),
                entry.type(),
                entry.step(),
                entry.actor(),
                entry.data()));
        undo.push(() -> trail.remove(trail.size() - 1));
    }

    /** All events behind a number, in their order. A view. */
    List<StoredEvent> eventsBehind(long number) {
        return events.subList((int) number, events.size());
    }

    long lastNumber() {
        return events.size();
    }

    void append(Documents.Event appended, Optional<SagaId> saga) {
        UUID id = appended.event().id();
        if (!eventIds.add(id)) {
            throw new PermanentStoreException(
                    appended.event() + " is there already: this very event was emitted before; nothing was written",
                    null);
        }
        events.add(new StoredEvent(
                id,
                appended.event().createdAt(),
                events.size() + 1L,
                saga,
                appended.event().topic(),
                appended.event().key().or(() -> saga.map(SagaId::toString)).or(() -> Optional.of(id.toString())),
                appended.event().type(),
                appended.payload(),
                appended.event().headers()));
        undo.push(() -> {
            events.remove(events.size() - 1);
            eventIds.remove(id);
        });
    }
}
