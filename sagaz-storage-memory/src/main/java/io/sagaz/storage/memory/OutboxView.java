package io.sagaz.storage.memory;

import io.sagaz.storage.DeadLetter;
import io.sagaz.storage.OutboxDepth;
import io.sagaz.storage.OutboxReads;
import io.sagaz.storage.OutboxThroughput;
import io.sagaz.storage.Page;
import io.sagaz.storage.PageRequest;
import io.sagaz.storage.ParkedEvent;
import io.sagaz.storage.ReadResult;
import io.sagaz.storage.StoredEvent;
import io.sagaz.storage.TimeSpan;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Looks at the outbox as it is now. Safe for threads. */
final class OutboxView implements OutboxReads {
    private final Tables tables;
    private final Relays relays;

    OutboxView(Tables tables, Relays relays) {
        this.tables = tables;
        this.relays = relays;
    }

    @Override
    public ReadResult<List<OutboxDepth>> depth() {
        return Answers.of(relays.depths());
    }

    @Override
    public ReadResult<List<OutboxThroughput>> throughput(TimeSpan span, Duration interval) {
        Intervals intervals = new Intervals(span, interval);
        Map<Instant, Long> counts = tables.locked(() -> tables.eventsBehind(0).stream()
                .map(StoredEvent::createdAt)
                .filter(time -> Intervals.contains(span, time))
                .collect(Collectors.groupingBy(intervals::begin, Collectors.counting())));
        return Answers.of(intervals.begins().stream()
                .map(begin -> new OutboxThroughput(begin, counts.getOrDefault(begin, 0L)))
                .toList());
    }

    @Override
    public ReadResult<Page<DeadLetter>> deadLetters(String relay, PageRequest page) {
        Checks.present("relay", relay);
        Checks.present("page", page);
        List<DeadLetter> letters = new ArrayList<>();
        tables.locked(() -> {
            relays.relay(relay).ifPresent(known -> known.dead().values().forEach(dead -> letters.add(of(relay, dead))));
            return letters.size();
        });
        letters.sort(Comparator.comparing(DeadLetter::eventId, Tables::compare).reversed());
        return Answers.of(Cursor.DEAD_LETTERS.page(
                letters.stream(),
                page,
                letter -> letter.eventId().toString(),
                last -> letter -> letter.eventId().toString().compareTo(last) < 0));
    }

    @Override
    public ReadResult<Page<ParkedEvent>> parked(String relay, PageRequest page) {
        Checks.present("relay", relay);
        Checks.present("page", page);
        List<ParkedEvent> events = new ArrayList<>();
        tables.locked(() -> {
            relays.relay(relay)
                    .ifPresent(known -> known.parked().values().forEach(parked -> events.add(of(relay, parked))));
            return events.size();
        });
        events.sort(Comparator.comparing(ParkedEvent::eventId, Tables::compare));
        return Answers.of(Cursor.PARKED_EVENTS.page(
                events.stream(),
                page,
                event -> event.eventId().toString(),
                last -> event -> event.eventId().toString().compareTo(last) > 0));
    }

    private static DeadLetter of(String relay, Relay.Dead dead) {
        StoredEvent event = dead.event().event();
        return new DeadLetter(
                relay,
                event.id(),
                event.createdAt(),
                event.number(),
                Optional.of(event.topic()),
                event.type(),
                event.saga(),
                dead.attempts(),
                dead.diedAt(),
                dead.error());
    }

    private static ParkedEvent of(String relay, Relay.Parked parked) {
        StoredEvent event = parked.event().event();
        return new ParkedEvent(
                relay,
                event.id(),
                event.createdAt(),
                event.number(),
                Optional.of(event.topic()),
                event.type(),
                event.saga(),
                parked.event().orderingKey(),
                parked.attempts(),
                parked.since(),
                parked.nextAttempt(),
                parked.error());
    }
}
