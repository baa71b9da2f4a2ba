package io.sagaz.storage;

import java.util.List;
import java.util.Optional;

/**
 * One page of a list.
 *
 * @param items the elements, in the order of the list
 * @param next how to ask for the page behind this one; empty if this was the last
 * @param <T> the type of the elements
 */
public record Page<T>(List<T> items, Optional<PageRequest> next) {
    /** Copies the list. */
    public Page {
        items = List.copyOf(items);
    }
}
