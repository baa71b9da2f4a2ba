package io.sagaz.storage;

import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which page of a list. A list goes on behind the last element of the page before (keyset paging), so a page costs the
 * same however far into the list it is, and elements that come in meanwhile shift nothing.
 *
 * @param size the most elements on the page, 1 to {@value #MAX_SIZE}
 * @param after where the page before has ended, as {@link Page#next()} told it; empty for the first page. A text of letters,
 *     digits, dashes and underscores, which fits into a URL; what is in it is the store's own. A list takes only those of its
 *     own kind: a page of sagas does not go on in the audit log. It says where to go on and nothing else, so whoever gives
 *     it back gives the same filter with it
 */
public record PageRequest(int size, Optional<String> after) {
    /** The largest size of a page. */
    public static final int MAX_SIZE = 1_000;

    private static final Pattern CURSOR = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final int LONGEST_SHOWN = 60;

    /**
     * Checks the size and the form of the cursor.
     *
     * @throws IllegalArgumentException if {@code size} is out of bounds, or {@code after} is not the text of a cursor
     */
    public PageRequest {
        Require.number("PageRequest.size", size, 1, MAX_SIZE);
        Require.present("PageRequest.after", after).ifPresent(PageRequest::check);
    }

    /** The first page. */
    public static PageRequest first(int size) {
        return new PageRequest(size, Optional.empty());
    }

    /**
     * The page behind another one.
     *
     * @param cursor {@link #after} of the other one's {@link Page#next()}, for example out of a URL
     * @throws IllegalArgumentException if {@code size} is out of bounds, or {@code cursor} is not the text of one
     */
    public static PageRequest after(String cursor, int size) {
        return new PageRequest(size, Optional.of(Require.present("PageRequest.after", cursor)));
    }

    private static void check(@Nullable String cursor) {
        if (cursor == null || !CURSOR.matcher(cursor).matches()) {
            String text = String.valueOf(cursor);
            throw new IllegalArgumentException("PageRequest.after must be what Page.next() told but is \""
                    + (text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN) + "…")
                    + "\"; begin with PageRequest.first(size)");
        }
    }
}
