package io.sagaz.cli.demo;

import java.time.Duration;
import java.util.List;

/**
 * What happened during the run, in the order in which it happened. Immutable.
 *
 * @param entries the entries
 */
record Story(List<Entry> entries) {
    /**
     * Something that happened.
     *
     * @param at how long after the beginning of the run
     * @param text what
     */
    record Entry(Duration at, String text) {}

    Story {
        entries = List.copyOf(entries);
    }

    /** The newest entries, at most so many. */
    List<Entry> newest(int count) {
        return entries.subList(Math.max(0, entries.size() - count), entries.size());
    }
}
