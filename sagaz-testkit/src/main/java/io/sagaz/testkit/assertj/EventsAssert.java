package io.sagaz.testkit.assertj;

import io.sagaz.storage.EventPayload;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.StoredEvent;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.assertj.core.api.AbstractAssert;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ListAssert;

/**
 * Assertions on events: {@link SagazAssertions#assertThatEvents}. Narrow them down first ({@link #toTopic}, {@link #withKey}, {@link
 * #ofSaga}); a failure prints all there were to begin with.
 */
@SuppressWarnings("exports")
public final class EventsAssert extends AbstractAssert<EventsAssert, List<StoredEvent>> {
    private final String which;
    private final List<StoredEvent> all;

    private EventsAssert(List<StoredEvent> events, String which, List<StoredEvent> all) {
        super(events, EventsAssert.class);
        this.which = which;
        this.all = all;
    }

    static EventsAssert of(Collection<StoredEvent> events) {
        List<StoredEvent> all = List.copyOf(events);
        return new EventsAssert(all, "events", all);
    }

    /** Goes on with those of a topic. */
    public EventsAssert toTopic(String topic) {
        return only(" to topic " + topic, event -> event.topic().equals(topic));
    }

    /** Goes on with those of a key. */
    public EventsAssert withKey(String key) {
        return only(" with key " + key, event -> event.key().equals(Optional.of(key)));
    }

    /** Goes on with those of a saga. */
    public EventsAssert ofSaga(SagaId saga) {
        return only(" of saga " + saga, event -> event.saga().equals(Optional.of(saga)));
    }

    /** Goes on with those of a type. */
    public EventsAssert ofType(String type) {
        return only(" of type " + type, event -> event.type().equals(Optional.of(type)));
    }

    /** How many there are. */
    public EventsAssert hasSize(int expected) {
        return require("Expected " + expected, actual.size() == expected);
    }

    /** There are none. */
    public EventsAssert isEmpty() {
        return require("Expected no", actual.isEmpty());
    }

    /** The types of all of them, in their order. */
    public EventsAssert haveTypes(String... expected) {
        List<String> types =
                actual.stream().map(event -> event.type().orElse("-")).toList();
        return require("Expected types " + List.of(expected) + " of", types.equals(Arrays.asList(expected)));
    }

    /** None is there twice. */
    public EventsAssert haveNoDuplicates() {
        return require(
                "Expected no duplicates among",
                actual.stream().map(StoredEvent::id).distinct().count() == actual.size());
    }

    /** Those of each key are in the order in which they were emitted; of those without a key, nothing is asked. */
    public EventsAssert areInTheOrderOfTheirKeys() {
        Map<String, Long> highest = new HashMap<>();
        boolean sorted = true;
        for (StoredEvent event : actual) {
            if (event.key().isPresent()) {
                Long before = highest.put(event.key().get(), event.number());
                sorted &= before == null || before <= event.number();
            }
        }
        return require("Expected the order of each key in the", sorted);
    }

    /** Goes on with what they say: JSON text as the store shows it, or bytes taken for UTF-8. */
    public ListAssert<String> payloads() {
        return Assertions.assertThat(actual.stream().map(EventsAssert::text).toList())
                .as("payloads of the %s among%n%s", which, Prints.ofEvents(all));
    }

    private static String text(StoredEvent event) {
        return event.payload() instanceof EventPayload.Json json
                ? json.text()
                : new String(((EventPayload.Bytes) event.payload()).toByteArray(), StandardCharsets.UTF_8);
    }

    private EventsAssert only(String which, Predicate<StoredEvent> wanted) {
        return new EventsAssert(actual.stream().filter(wanted).toList(), this.which + which, all);
    }

    private EventsAssert require(String expected, boolean holds) {
        if (!holds) {
            throw failure("%s %s, but there are %d among%n%s", expected, which, actual.size(), Prints.ofEvents(all));
        }
        return this;
    }
}
