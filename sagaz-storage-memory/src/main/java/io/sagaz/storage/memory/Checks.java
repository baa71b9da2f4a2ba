package io.sagaz.storage.memory;

import io.sagaz.storage.OutboxEvent;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Checks of arguments that are not values of the store and so do not check themselves. */
final class Checks {
    private static final int NAME_LENGTH = 255;

    private Checks() {}

    static <T> T present(String what, @Nullable T value) {
        if (value == null) {
            throw new IllegalArgumentException(what + " must not be null");
        }
        return value;
    }

    static <T> List<T> elements(String what, @Nullable List<T> values) {
        for (T value : present(what, values)) {
            present("an element of " + what, value);
        }
        return List.copyOf(values);
    }

    static String name(String what, @Nullable String value) {
        String name = present(what, value);
        if (name.isBlank() || name.codePointCount(0, name.length()) > NAME_LENGTH) {
            throw new IllegalArgumentException(
                    what + " must have 1 to " + NAME_LENGTH + " characters but is \"" + name + "\"");
        }
        return name;
    }

    static int number(String what, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(what + " must be " + least + " to " + most + " but is " + value);
        }
        return value;
    }

    static long atLeastOne(String what, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(what + " must be at least 1 but is " + value);
        }
        return value;
    }

    static Duration duration(String what, @Nullable Duration value, Duration least, Duration most) {
        Duration duration = present(what, value);
        if (duration.compareTo(least) < 0 || duration.compareTo(most) > 0) {
            throw new IllegalArgumentException(what + " must be " + least + " to " + most + " but is " + duration);
        }
        return duration;
    }

    /** Refuses an event that stands twice. */
    static void distinct(Stream<OutboxEvent> events) {
        Set<UUID> ids = new HashSet<>();
        events.forEach(event -> {
            if (!ids.add(event.id())) {
                throw new IllegalArgumentException("The same " + event + " stands twice: make an event for each");
            }
        });
    }
}
