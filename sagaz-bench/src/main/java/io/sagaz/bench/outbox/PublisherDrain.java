package io.sagaz.bench.outbox;

import io.sagaz.outbox.EventPublisher;
import io.sagaz.outbox.OutgoingEvent;
import io.sagaz.storage.CausalToken;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.StoredEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/** No outbox: hands events from memory to a publisher, as many at once as a relay does, and each key in its order. */
final class PublisherDrain implements Drain {
    /** What a relay holds at most, if nobody says otherwise. A key comes again only after all others. */
    private static final int AT_ONCE = 2_000;

    private final EventPublisher publisher;
    private final List<OutgoingEvent> events;
    private final int count;
    private final Published published;

    /** @param publisher counts in {@code published} what has arrived */
    PublisherDrain(EventPublisher publisher, Published published, int count) {
        this.publisher = publisher;
        this.published = published;
        this.count = count;
        events = made();
    }

    private static List<OutgoingEvent> made() {
        List<OutgoingEvent> made = new ArrayList<>(Events.KEYS);
        long number = 0;
        for (OutboxEvent event : Events.of(0, Events.KEYS)) {
            number++;
            made.add(new OutgoingEvent(
                    new StoredEvent(
                            event.id(),
                            event.createdAt(),
                            number,
                            Optional.empty(),
                            event.topic(),
                            event.key(),
                            event.type(),
                            event.payload(),
                            event.headers()),
                    new CausalToken(1, 1, number)));
        }
        return made;
    }

    @Override
    public void start() {
        Semaphore room = new Semaphore(AT_ONCE);
        for (int i = 0; i < count; i++) {
            room.acquireUninterruptibly();
            var unused =
                    publisher.publish(events.get(i % events.size())).whenComplete((done, failure) -> room.release());
        }
    }

    @Override
    public Published published() {
        return published;
    }

    @Override
    public void close() {
        publisher.close();
    }
}
