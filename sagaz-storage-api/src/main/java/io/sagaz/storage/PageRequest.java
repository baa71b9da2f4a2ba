package io.sagaz.storage;

import java.util.Optional;

/**
 * Which page of a list. A list goes on behind the last element of the page before (keyset paging), so a page costs the
 * same however far into the list it is, and elements that come in meanwhile shift nothing.
 *
 * @param size the most elements on the page, 1 to {@value #MAX_SIZE}
 * @param after the last element of the page before; empty for the first page
 */
public record PageRequest(int size, Optional<SagaId> after) {
    /** The largest size of a page. */
    public static final int MAX_SIZE = 1_000;

    /**
     * Checks the size.
     *
     * @throws IllegalArgumentException if {@code size} is out of bounds
     */
    public PageRequest {
        if (size < 1 || size > MAX_SIZE) {
            throw new IllegalArgumentException("PageRequest.size must be 1 to " + MAX_SIZE + " but is " + size);
        }
        Require.present("PageRequest.after", after);
    }

    /** The first page. */
    public static PageRequest first(int size) {
        return new PageRequest(size, Optional.empty());
    }
}
