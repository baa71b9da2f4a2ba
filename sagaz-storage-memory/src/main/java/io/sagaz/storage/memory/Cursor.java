package io.sagaz.storage.memory;

import io.sagaz.storage.Page;
import io.sagaz.storage.PageRequest;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The lists, and where their pages end: the text of a page request begins with the letter of its list, and what follows is that
 * of its last element.
 */
enum Cursor {
    SAGAS("s", Cursor.UUID),
    AUDIT_TRAIL("a", Cursor.UUID),
    EVENTS("e", "[0-9]{1,18}"),
    DEAD_LETTERS("d", Cursor.UUID),
    PARKED_EVENTS("p", Cursor.UUID);

    private static final String UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";

    private final String prefix;
    private final Pattern form;

    Cursor(String letter, String form) {
        prefix = letter + "_";
        this.form = Pattern.compile(form);
    }

    /**
     * A page of a list.
     *
     * @param elements all of them, in their order
     * @param text what tells an element
     * @param behind whether an element is behind the one of a text
     */
    <T> Page<T> page(
            Stream<T> elements, PageRequest page, Function<T, String> text, Function<String, Predicate<T>> behind) {
        Optional<String> last = page.after().map(this::parse);
        List<T> found = elements.filter(last.map(behind).orElse(element -> true))
                .limit(page.size() + 1L)
                .toList();
        if (found.size() <= page.size()) {
            return new Page<>(found, Optional.empty());
        }
        List<T> items = found.subList(0, page.size());
        String end = prefix + text.apply(items.get(items.size() - 1));
        return new Page<>(items, Optional.of(PageRequest.after(end, page.size())));
    }

    private String parse(String cursor) {
        if (!cursor.startsWith(prefix)
                || !form.matcher(cursor.substring(prefix.length())).matches()) {
            throw new IllegalArgumentException("PageRequest.after must be what Page.next() of a list of " + this
                    + " told but is \"" + cursor + "\"; begin with PageRequest.first(size)");
        }
        return cursor.substring(prefix.length());
    }
}
