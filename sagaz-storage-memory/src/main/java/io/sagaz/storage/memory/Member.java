package io.sagaz.storage.memory;

import io.sagaz.storage.CausalToken;
import io.sagaz.storage.EventPayload;
import io.sagaz.storage.PermanentStoreException;
import io.sagaz.storage.StoredEvent;
import io.sagaz.storage.log.OutboxBatch;
import io.sagaz.storage.log.OutboxLog;
import io.sagaz.storage.log.ParkedAttempt;
import io.sagaz.storage.log.ParkedEvents;
import io.sagaz.storage.log.ParkedKey;
import io.sagaz.storage.log.RelayMember;
import io.sagaz.storage.log.Settlement;
import io.sagaz.storage.log.ShardedEvent;
import io.sagaz.storage.log.Shares;
import io.sagaz.storage.log.Unpublished;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/**
 * An instance of a relay. For one thread at a time.
 *
 * <p>It reads the log in the order of numbers, and remembers for each of its shards up to which number it has read. What is
 * acknowledged moves the position of all shards that it had when it read the batch.
 */
final class Member implements RelayMember {
    /** Up to which number the events of some shards are in a batch or in those before it. */
    private record Progress(Set<Integer> shards, long position) {}

    private final UUID id = UUID.randomUUID();
    private final Tables tables;
    private final Relays relays;
    private final String relay;
    private final Duration lease;
    private final long system;
    /** How far it has read, for each shard that it knows to be its own. */
    private final Map<Integer, Long> read = new TreeMap<>();

    private final Map<Long, Progress> unacknowledged = new HashMap<>();
    private long lastNumber;

    Member(Tables tables, Relays relays, String relay, Duration lease, long system) {
        this.tables = tables;
        this.relays = relays;
        this.relay = relay;
        this.lease = lease;
        this.system = system;
    }

    @Override
    public UUID id() {
        return id;
    }

    @Override
    public Shares keep(int release) {
        if (release > 0 && !unacknowledged.isEmpty()) {
            throw new IllegalStateException(
                    "Shards can be given back when every batch is acknowledged; " + unacknowledged.size() + " are not");
        }
        return tables.locked(() -> {
            Relay known = relays.relay(relay)
                    .orElseThrow(() -> new PermanentStoreException(
                            "Relay " + relay + " is not registered: call register first", null));
            Instant now = tables.now();
            Set<Integer> taken = known.keep(id, lease, highest(release), now);
            Set<Integer> owned = known.owned(id);
            read.keySet().retainAll(owned);
            owned.forEach(shard -> read.putIfAbsent(shard, known.position(shard)));
            return new Shares(owned.size(), taken.size(), known.members(now), 0);
        });
    }

    private Set<Integer> highest(int number) {
        Set<Integer> highest = new TreeSet<>(read.keySet());
        while (highest.size() > number) {
            highest.remove(highest.iterator().next());
        }
        return highest;
    }

    @Override
    public Optional<OutboxBatch> next(int events, long bytes) {
        return tables.locked(() -> {
            List<ShardedEvent> batch = new ArrayList<>();
            long from = read.values().stream().mapToLong(Long::longValue).min().orElse(tables.lastNumber());
            long size = 0;
            long position = tables.lastNumber();
            for (StoredEvent event : tables.eventsBehind(from)) {
                Long passed = read.get(Shards.of(event));
                if (passed == null || passed >= event.number()) {
                    continue;
                }
                size += bytes(event);
                if (batch.size() == events || (size > bytes && !batch.isEmpty())) {
                    position = event.number() - 1;
                    break;
                }
                batch.add(Shards.sharded(event));
            }
            long reached = position;
            read.replaceAll((shard, passed) -> Math.max(passed, reached));
            if (batch.isEmpty()) {
                return Optional.empty();
            }
            unacknowledged.put(++lastNumber, new Progress(Set.copyOf(read.keySet()), reached));
            return Optional.of(new OutboxBatch(lastNumber, batch, token()));
        });
    }

    private static long bytes(StoredEvent event) {
        return event.payload() instanceof EventPayload.Json json
                ? json.text().getBytes(StandardCharsets.UTF_8).length
                : ((EventPayload.Bytes) event.payload()).length();
    }

    /** How far the log is; of no use but to be handed on. */
    private CausalToken token() {
        return new CausalToken(system, 1, tables.lastNumber());
    }

    @Override
    public Acknowledgement acknowledge(OutboxBatch batch, List<Unpublished> exceptions) {
        Checks.present("batch", batch);
        List<Unpublished> given = Checks.elements("exceptions", exceptions);
        return tables.locked(() -> {
            Progress progress = unacknowledged.remove(batch.number());
            Optional<Relay> known = relays.relay(relay);
            if (progress == null || known.isEmpty() || !known.get().owned(id).containsAll(progress.shards())) {
                forget();
                return Acknowledgement.FENCED;
            }
            Instant now = tables.now();
            progress.shards().forEach(shard -> known.get().advance(shard, progress.position()));
            given.forEach(event -> setAside(known.get(), event, now));
            return Acknowledgement.NOTED;
        });
    }

    private static void setAside(Relay relay, Unpublished unpublished, Instant now) {
        ShardedEvent event = unpublished.event();
        long number = event.event().number();
        if (unpublished.retryIn().isPresent()) {
            Instant next = now.plus(unpublished.retryIn().get());
            relay.parked()
                    .putIfAbsent(
                            number, new Relay.Parked(event, unpublished.attempts(), now, next, unpublished.error()));
        } else {
            relay.dead().putIfAbsent(number, new Relay.Dead(event, unpublished.attempts(), now, unpublished.error()));
        }
    }

    @Override
    public List<ParkedKey> parkedKeys() {
        return tables.locked(() -> {
            Instant now = tables.now();
            Map<String, ParkedKey> first = new LinkedHashMap<>();
            relays.relay(relay)
                    .ifPresent(known -> known.parked().values().stream()
                            .filter(parked -> known.isOwnedBy(id, parked.event().shard()))
                            .forEach(parked -> first.putIfAbsent(
                                    parked.event().orderingKey(),
                                    new ParkedKey(
                                            parked.event().shard(),
                                            parked.event().orderingKey(),
                                            Duration.between(now, parked.nextAttempt())))));
            return List.copyOf(first.values());
        });
    }

    @Override
    public ParkedEvents parked(Collection<ParkedKey> keys, int each) {
        Checks.present("keys", keys);
        return tables.locked(() -> {
            Instant now = tables.now();
            List<ParkedAttempt> found = new ArrayList<>();
            for (ParkedKey key : keys) {
                relays.relay(relay)
                        .ifPresent(known -> known.parked().values().stream()
                                .filter(parked -> parked.event().orderingKey().equals(key.orderingKey()))
                                .limit(each)
                                .map(parked -> attempt(parked, now))
                                .forEach(found::add));
            }
            return new ParkedEvents(found, token());
        });
    }

    private static ParkedAttempt attempt(Relay.Parked parked, Instant now) {
        return new ParkedAttempt(
                parked.event().event().id(),
                parked.event().shard(),
                parked.event().orderingKey(),
                Optional.of(parked.event()),
                parked.attempts(),
                Duration.between(now, parked.nextAttempt()));
    }

    @Override
    public void settle(List<Settlement> settlements) {
        List<Settlement> given = Checks.elements("settlements", settlements);
        tables.locked(() -> {
            Instant now = tables.now();
            relays.relay(relay)
                    .ifPresent(known -> given.forEach(settlement -> known.parked().values().stream()
                            .filter(parked -> parked.event().event().id().equals(settlement.id()))
                            .filter(parked -> known.isOwnedBy(id, parked.event().shard()))
                            .findFirst()
                            .ifPresent(parked -> settle(known, parked, settlement, now))));
            return given.size();
        });
    }

    private static void settle(Relay relay, Relay.Parked parked, Settlement settlement, Instant now) {
        long number = parked.event().event().number();
        if (settlement instanceof Settlement.Failed failed) {
            relay.parked()
                    .put(
                            number,
                            new Relay.Parked(
                                    parked.event(),
                                    failed.attempts(),
                                    parked.since(),
                                    now.plus(failed.retryIn()),
                                    Optional.of(failed.error())));
            return;
        }
        relay.parked().remove(number);
        if (settlement instanceof Settlement.Dead dead) {
            relay.dead()
                    .putIfAbsent(
                            number, new Relay.Dead(parked.event(), dead.attempts(), now, Optional.of(dead.error())));
        }
    }

    @Override
    public void leave() {
        tables.locked(() -> {
            forget();
            relays.relay(relay).ifPresent(known -> known.leave(id, tables.now()));
            return OutboxLog.SHARDS;
        });
    }

    /** What was read is void; its shards are begun anew where they are when it keeps them the next time. */
    private void forget() {
        read.clear();
        unacknowledged.clear();
    }
}
