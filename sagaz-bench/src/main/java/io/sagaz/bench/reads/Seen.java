package io.sagaz.bench.reads;

import io.sagaz.bench.reads.Finder.Found;
import io.sagaz.bench.reads.Standstill.Written;

/** What came of a look for a saga that was written. */
enum Seen {
    /** It was there, as written. */
    RIGHT("right"),
    /** It was not, and the answer says that it may be stale by as much. */
    STALE_AND_SAID("stale, and said"),
    /** It was not, and nothing tells the reader: or less than it was. */
    STALE_UNSAID("stale, unsaid"),
    /** An exception. */
    FAILED("failed");

    private final String words;

    Seen(String words) {
        this.words = words;
    }

    String words() {
        return words;
    }

    /**
     * Judges an answer.
     *
     * @param begun {@link System#nanoTime()} before the look began
     */
    static Seen of(Written saga, Found found, long begun) {
        if (found.version() >= saga.version()) {
            return RIGHT;
        }
        boolean told = found.word().given() && found.word().nanos() >= begun - saga.acknowledged();
        return told ? STALE_AND_SAID : STALE_UNSAID;
    }
}
