package io.sagaz.storage;

import java.time.Duration;

/** How fresh a read must be. */
public sealed interface ReadConsistency {
    /** Read from the primary: everything acknowledged before the call is seen. */
    static ReadConsistency strong() {
        return new Strong();
    }

    /**
     * Read from a replica if everything acknowledged up to {@code staleness} ago is proved to be seen there, else from
     * the primary.
     *
     * @throws IllegalArgumentException if {@code staleness} is zero or negative
     */
    static ReadConsistency atMost(Duration staleness) {
        return new AtMost(staleness);
    }

    /** Read from any replica, however far behind; from the primary only if no replica can be reached. */
    static ReadConsistency any() {
        return new AnyStaleness();
    }

    /** See {@link #strong()}. */
    record Strong() implements ReadConsistency {}

    /**
     * See {@link #atMost(Duration)}.
     *
     * @param staleness how far behind the answer may be
     */
    record AtMost(Duration staleness) implements ReadConsistency {
        /** Checks the bound. */
        public AtMost {
            if (Require.present("ReadConsistency.staleness", staleness).isNegative() || staleness.isZero()) {
                throw new IllegalArgumentException("ReadConsistency.staleness must be positive but is " + staleness
                        + "; ask for ReadConsistency.strong() to see everything");
            }
        }
    }

    /** See {@link #any()}. */
    record AnyStaleness() implements ReadConsistency {}
}
