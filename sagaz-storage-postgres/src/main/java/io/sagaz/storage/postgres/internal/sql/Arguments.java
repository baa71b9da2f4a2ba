package io.sagaz.storage.postgres.internal.sql;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks of arguments that are not values of the store and so do not check themselves. */
public final class Arguments {
    private static final int NAME_LENGTH = 255;

    private Arguments() {}

    /** Refuses null. */
    public static <T> T present(String what, @Nullable T value) {
        if (value == null) {
            throw new IllegalArgumentException(what + " must not be null");
        }
        return value;
    }

    /** Refuses what is no name that PostgreSQL can keep: null, blank, longer than {@value #NAME_LENGTH} characters. */
    public static String name(String what, @Nullable String value) {
        String name = present(what, value);
        if (name.isBlank()) {
            throw new IllegalArgumentException(what + " must not be blank");
        }
        JsonText.checkCharacters(what, name);
        int length = name.codePointCount(0, name.length());
        if (length > NAME_LENGTH) {
            throw new IllegalArgumentException(what + " must have at most " + NAME_LENGTH + " characters but has "
                    + length + ": \"" + name.substring(0, name.offsetByCodePoints(0, 40)) + "…\"");
        }
        return name;
    }

    static <T> List<T> elements(String what, @Nullable List<T> values) {
        for (T value : present(what, values)) {
            present("an element of " + what, value);
        }
        return List.copyOf(values);
    }
}
