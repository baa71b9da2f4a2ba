package io.sagaz.storage.memory;

import io.sagaz.storage.OutboxDepth;
import io.sagaz.storage.StoredEvent;
import io.sagaz.storage.log.EventSource;
import io.sagaz.storage.log.OutboxLog;
import io.sagaz.storage.log.RelayMember;
import io.sagaz.storage.log.RelayStart;
import java.time.Duration;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** The log of events, and the relays that read it. Safe for threads. */
final class Relays implements OutboxLog {
    private static final Duration SHORTEST_LEASE = Duration.ofSeconds(1);
    private static final Duration LONGEST_LEASE = Duration.ofHours(1);

    private final Tables tables;
    private final Listeners listeners;
    private final long system;
    /** Guarded by the lock of the tables. */
    private final NavigableMap<String, Relay> relays = new TreeMap<>();

    Relays(Tables tables, Listeners listeners, long system) {
        this.tables = tables;
        this.listeners = listeners;
        this.system = system;
    }

    @Override
    public boolean register(String relay, RelayStart start) {
        Checks.name("relay", relay);
        Checks.present("start", start);
        return tables.locked(() -> relays.putIfAbsent(relay, new Relay(relay, passed(start))) == null);
    }

    /** What has a number up to this is not published any more. */
    private long passed(RelayStart start) {
        if (start instanceof RelayStart.At at) {
            return tables.eventsBehind(0).stream()
                            .filter(event -> !event.createdAt().isBefore(at.time()))
                            .mapToLong(StoredEvent::number)
                            .min()
                            .orElse(tables.lastNumber() + 1)
                    - 1;
        }
        return start instanceof RelayStart.Now ? tables.lastNumber() : 0;
    }

    @Override
    public RelayMember join(String relay, String instance, Duration lease, EventSource source) {
        Checks.name("relay", relay);
        Checks.name("instance", instance);
        Checks.duration("lease", lease, SHORTEST_LEASE, LONGEST_LEASE);
        Checks.present("source", source);
        return new Member(tables, this, relay, lease, system);
    }

    @Override
    public Optional<OutboxDepth> depth(String relay) {
        Checks.present("relay", relay);
        return tables.locked(() -> relay(relay).map(known -> known.depth(tables)));
    }

    /** Of each relay; if there is none, what is open for nobody. */
    List<OutboxDepth> depths() {
        return tables.locked(() -> relays.isEmpty()
                ? List.of(Relay.depthWithoutRelay(tables))
                : relays.values().stream().map(relay -> relay.depth(tables)).toList());
    }

    @Override
    public Listening onAppend(Runnable listener) {
        return listeners.add(Checks.present("listener", listener));
    }

    /** A relay, for whoever holds the lock of the tables. */
    Optional<Relay> relay(String name) {
        return Optional.ofNullable(relays.get(name));
    }
}
