package io.sagaz.storage.postgres.internal.sql;

import io.sagaz.storage.Page;
import io.sagaz.storage.PageRequest;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/**
 * Where a page has ended: which list it is of, and the identifier of its last element, or the number of an event. As a
 * text it is what {@link PageRequest#after()} holds.
 */
record Cursor(Cursor.Of list, UUID id) {
    /** The lists. A text that was given out once keeps its meaning, so do their numbers. */
    enum Of {
        SAGAS(1),
        AUDIT_TRAIL(2),
        EVENTS(3),
        DEAD_LETTERS(4),
        PARKED_EVENTS(5);

        private final byte number;

        Of(int number) {
            this.number = (byte) number;
        }
    }

    private static final int BYTES = 1 + 2 * Long.BYTES;

    /** Where a page of events has ended. */
    static Cursor ofNumber(Of list, long number) {
        return new Cursor(list, new UUID(0, number));
    }

    /** Where to go on, if this is not the first page. */
    static Optional<Cursor> behind(PageRequest page, Of list) {
        return page.after().map(text -> parse(text, list));
    }

    /**
     * A page of what was read: one more than asked for tells whether there is a page behind this one.
     *
     * @param cursor what the last element of the page becomes
     */
    static <T> Page<T> page(List<T> read, PageRequest page, Function<T, Cursor> cursor) {
        if (read.size() <= page.size()) {
            return new Page<>(read, Optional.empty());
        }
        List<T> items = read.subList(0, page.size());
        String end = cursor.apply(items.get(items.size() - 1)).text();
        return new Page<>(items, Optional.of(PageRequest.after(end, page.size())));
    }

    long number() {
        return id.getLeastSignificantBits();
    }

    private String text() {
        byte[] bytes = ByteBuffer.allocate(BYTES)
                .put(list.number)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static Cursor parse(String text, Of list) {
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw refused(text, list, "");
        }
        Optional<Of> its = bytes.length == BYTES ? listOf(bytes[0]) : Optional.empty();
        if (its.isEmpty()) {
            throw refused(text, list, "");
        }
        if (its.get() != list) {
            throw refused(text, list, ", one of " + its.get());
        }
        ByteBuffer rest = ByteBuffer.wrap(bytes, 1, BYTES - 1);
        return new Cursor(list, new UUID(rest.getLong(), rest.getLong())).checked(text);
    }

    /** That the bytes say what a page of this list can have ended with; the driver and the server take any. */
    private Cursor checked(String text) {
        boolean good = list == Of.EVENTS
                ? id.getMostSignificantBits() == 0 && number() >= 0
                : id.version() == 7 && id.variant() == 2;
        if (!good) {
            throw refused(text, list, "");
        }
        return this;
    }

    private static Optional<Of> listOf(byte number) {
        for (Of list : Of.values()) {
            if (list.number == number) {
                return Optional.of(list);
            }
        }
        return Optional.empty();
    }

    private static IllegalArgumentException refused(String text, Of list, String what) {
        return new IllegalArgumentException("PageRequest.after must be what Page.next() of a list of " + list
                + " told but is \"" + text + "\"" + what + "; begin with PageRequest.first(size)");
    }
}
