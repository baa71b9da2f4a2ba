package io.sagaz.storage.memory;

import io.sagaz.storage.OutboxDepth;
import io.sagaz.storage.StoredEvent;
import io.sagaz.storage.log.OutboxLog;
import io.sagaz.storage.log.ShardedEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What is known of a relay: whose its shards are, how far each is, and what was not published. Guarded by the lock of the tables. */
final class Relay {
    /** An event that is to be tried again. */
    record Parked(ShardedEvent event, int attempts, Instant since, Instant nextAttempt, Optional<String> error) {}

    /** An event that is given up. */
    record Dead(ShardedEvent event, int attempts, Instant diedAt, Optional<String> error) {}

    private static final class Shard {
        @Nullable
        UUID owner;

        Instant leasedUntil = Instant.MIN;
        /** All events of it up to this number are published, parked or dead. */
        long position;
    }

    private final String name;
    private final List<Shard> shards = new ArrayList<>();
    private final Map<UUID, Instant> aliveUntil = new HashMap<>();
    /** By their numbers. */
    private final NavigableMap<Long, Parked> parked = new TreeMap<>();

    private final NavigableMap<Long, Dead> dead = new TreeMap<>();
    private Optional<Instant> lastSeenAt = Optional.empty();

    /** A relay that begins behind a number. */
    Relay(String name, long position) {
        this.name = name;
        for (int i = 0; i < OutboxLog.SHARDS; i++) {
            Shard shard = new Shard();
            shard.position = position;
            shards.add(shard);
        }
    }

    /** Keeps the shards of an instance, gives some back or takes some, and tells which were taken. */
    Set<Integer> keep(UUID instance, Duration lease, Set<Integer> released, Instant now) {
        lastSeenAt = Optional.of(now);
        aliveUntil.put(instance, now.plus(lease));
        released.stream().filter(shard -> isOwnedBy(instance, shard)).forEach(this::release);
        Set<Integer> owned = owned(instance);
        int share = (OutboxLog.SHARDS + members(now) - 1) / members(now);
        Set<Integer> taken = new TreeSet<>();
        for (int i = 0; i < OutboxLog.SHARDS && released.isEmpty() && owned.size() + taken.size() < share; i++) {
            Shard shard = shards.get(i);
            if (shard.owner == null || (!instance.equals(shard.owner) && shard.leasedUntil.isBefore(now))) {
                shard.owner = instance;
                taken.add(i);
            }
        }
        owned(instance).forEach(shard -> shards.get(shard).leasedUntil = now.plus(lease));
        return taken;
    }

    void leave(UUID instance, Instant now) {
        lastSeenAt = Optional.of(now);
        owned(instance).forEach(this::release);
        aliveUntil.remove(instance);
    }

    private void release(int shard) {
        shards.get(shard).owner = null;
        shards.get(shard).leasedUntil = Instant.MIN;
    }

    int members(Instant now) {
        return (int) aliveUntil.values().stream()
                .filter(until -> !until.isBefore(now))
                .count();
    }

    Set<Integer> owned(UUID instance) {
        Set<Integer> owned = new TreeSet<>();
        for (int i = 0; i < OutboxLog.SHARDS; i++) {
            if (isOwnedBy(instance, i)) {
                owned.add(i);
            }
        }
        return owned;
    }

    boolean isOwnedBy(UUID instance, int shard) {
        return instance.equals(shards.get(shard).owner);
    }

    long position(int shard) {
        return shards.get(shard).position;
    }

    void advance(int shard, long position) {
        Shard moved = shards.get(shard);
        moved.position = Math.max(moved.position, position);
    }

    NavigableMap<Long, Parked> parked() {
        return parked;
    }

    NavigableMap<Long, Dead> dead() {
        return dead;
    }

    /** How far it is behind; all events are looked at. */
    OutboxDepth depth(Tables tables) {
        long lowest = shards.stream().mapToLong(shard -> shard.position).min().orElse(0);
        List<StoredEvent> open = tables.eventsBehind(lowest).stream()
                .filter(event -> event.number() > position(Shards.of(event)))
                .toList();
        return depth(
                Optional.of(name), lastSeenAt, open, tables.lastNumber() - lowest, parked.size(), dead.size(), tables);
    }

    /** How far nobody is who is not there. */
    static OutboxDepth depthWithoutRelay(Tables tables) {
        return depth(Optional.empty(), Optional.empty(), tables.eventsBehind(0), tables.lastNumber(), 0, 0, tables);
    }

    private static OutboxDepth depth(
            Optional<String> name,
            Optional<Instant> lastSeenAt,
            List<StoredEvent> open,
            long atMost,
            int parked,
            int dead,
            Tables tables) {
        Optional<Instant> oldest = open.stream().map(StoredEvent::createdAt).min(Instant::compareTo);
        return new OutboxDepth(
                name,
                lastSeenAt,
                open.size(),
                true,
                atMost,
                oldest,
                oldest.map(time -> Duration.between(time, tables.now()))
                        .map(age -> age.isNegative() ? Duration.ZERO : age),
                parked,
                dead);
    }
}
