package io.sagaz.storage.postgres.internal.sql;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks of arguments that are not values of the store and so do not check themselves. */
public final class Arguments {
    private Arguments() {}

    /** Refuses null. */
    public static <T> T present(String what, @Nullable T value) {
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
}
