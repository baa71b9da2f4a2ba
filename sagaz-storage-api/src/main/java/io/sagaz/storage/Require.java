package io.sagaz.storage;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Argument checks whose messages name the setting, the bound and the value. */
final class Require {
    static final int NAME_LENGTH = 255;

    private Require() {}

    static <T> T present(String what, @Nullable T value) {
        if (value == null) {
            throw new IllegalArgumentException(what + " must not be null");
        }
        return value;
    }

    /** A text that PostgreSQL can store exactly as it is: no U+0000, no half of a surrogate pair. */
    static String text(String what, @Nullable String value) {
        String text = present(what, value);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0) {
                throw new IllegalArgumentException(what + " must not contain U+0000 (found at index " + i + ")");
            }
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                throw new IllegalArgumentException(
                        what + " must not contain half of a surrogate pair (found at index " + i + ")");
            }
        }
        return text;
    }

    /** A name: not blank and at most {@value #NAME_LENGTH} characters. */
    static String name(String what, @Nullable String value) {
        String name = text(what, value);
        if (name.isBlank()) {
            throw new IllegalArgumentException(what + " must not be blank");
        }
        int length = name.codePointCount(0, name.length());
        if (length > NAME_LENGTH) {
            throw new IllegalArgumentException(what + " must have at most " + NAME_LENGTH + " characters but has "
                    + length + ": \"" + name.substring(0, name.offsetByCodePoints(0, 40)) + "…\"");
        }
        return name;
    }

    static <T> List<T> elements(String what, @Nullable Collection<? extends T> values) {
        for (T value : present(what, values)) {
            present(what + " element", value);
        }
        return List.copyOf(values);
    }

    static int number(String what, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(what + " must be " + least + " to " + most + " but is " + value);
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
}
