package io.sagaz.bench.outbox;

import io.sagaz.storage.EventPayload;
import io.sagaz.storage.OutboxEvent;
import java.util.ArrayList;
import java.util.List;

/** The events that everybody appends: numbered, JSON of 512 bytes, each number for one of 10,000 keys. */
final class Events {
    static final int BYTES = 512;
    static final int KEYS = 10_000;
    static final String TOPIC = "orders";
    static final String TYPE = "changed";

    private static final String BEGIN = "{\"n\": ";
    private static final String MIDDLE = ", \"text\": \"";
    private static final String END = "\"}";
    private static final String TEXT = "9f61408e3afb633e50cdf1b20de6f466".repeat(BYTES / 32);

    private Events() {}

    /** Some for Sagaz to emit. */
    static List<OutboxEvent> of(long first, int count) {
        List<OutboxEvent> events = new ArrayList<>(count);
        for (long number = first; number < first + count; number++) {
            events.add(OutboxEvent.to(TOPIC).key(key(number)).type(TYPE).json(payload(number)));
        }
        return events;
    }

    static String key(long number) {
        return "customer-" + number % KEYS;
    }

    static String payload(long number) {
        String begin = BEGIN + number + MIDDLE;
        return begin + TEXT.substring(begin.length() + END.length()) + END;
    }

    /** The number in a payload, as PostgreSQL gives it back too. */
    static int number(EventPayload payload) {
        String text = ((EventPayload.Json) payload).text();
        return Integer.parseInt(text, BEGIN.length(), text.indexOf(','), 10);
    }
}
