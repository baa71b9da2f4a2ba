package io.sagaz.outbox;

import java.util.List;

/** The numbers that {@link RelayStand} gives to events. */
final class Numbers {
    static final String HEADER = "n";

    private Numbers() {}

    static int of(OutgoingEvent outgoing) {
        return Integer.parseInt(outgoing.event().headers().get(HEADER));
    }

    /** The numbers that arrived of a key, in their order, each where it came first. */
    static List<Integer> published(InProcessPublisher broker, String key) {
        return broker.published().stream()
                .filter(event -> event.orderingKey().equals(key))
                .map(Numbers::of)
                .distinct()
                .toList();
    }

    static boolean isPublished(InProcessPublisher broker, int number) {
        return broker.published().stream().anyMatch(event -> of(event) == number);
    }

    /** How often it was handed over. */
    static int tries(InProcessPublisher broker, int number) {
        return (int)
                broker.attempts().stream().filter(event -> of(event) == number).count();
    }
}
