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
     * the primary. What is done when neither will do can be said by {@link AtMost#onStale(OnStale)} and {@link
     * AtMost#limit(Duration)}.
     *
     * @throws IllegalArgumentException if {@code staleness} is zero or negative
     */
    static AtMost atMost(Duration staleness) {
        return new AtMost(staleness, OnStale.ASK_PRIMARY, staleness);
    }

    /**
     * Read from a replica if it is proved to show everything that {@code token} stands for, which is waited for for up to 50
     * milliseconds, else from the primary. So whoever has the token reads what its maker has written.
     *
     * @throws IllegalArgumentException if {@code token} is null
     */
    static ReadConsistency atLeast(CausalToken token) {
        return new AtLeast(token);
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
     * @param onStale what is done when no replica is proved to be that fresh
     * @param limit how far behind an answer may be that is taken for want of a fresher one; at first the same as {@code
     *     staleness}, so that there is none
     */
    record AtMost(Duration staleness, OnStale onStale, Duration limit) implements ReadConsistency {
        /**
         * Checks the bounds.
         *
         * @throws IllegalArgumentException if {@code staleness} is not positive, or {@code limit} is less than that
         */
        public AtMost {
            Require.present("ReadConsistency.onStale", onStale);
            if (Require.present("ReadConsistency.staleness", staleness).isNegative() || staleness.isZero()) {
                throw new IllegalArgumentException("ReadConsistency.staleness must be positive but is " + staleness
                        + "; ask for ReadConsistency.strong() to see everything");
            }
            if (Require.present("ReadConsistency.limit", limit).compareTo(staleness) < 0) {
                throw new IllegalArgumentException(
                        "ReadConsistency.limit must be at least the staleness of " + staleness + " but is " + limit);
            }
        }

        /** The same with another answer to the question what is done when no replica is fresh enough. */
        public AtMost onStale(OnStale choice) {
            return new AtMost(staleness, choice, limit);
        }

        /** The same with another limit for answers that are taken for want of a fresher one; each says how stale it can be. */
        public AtMost limit(Duration most) {
            return new AtMost(staleness, onStale, most);
        }
    }

    /**
     * See {@link #atLeast(CausalToken)}.
     *
     * @param token what must be seen
     */
    record AtLeast(CausalToken token) implements ReadConsistency {
        /** Checks that there is a token. */
        public AtLeast {
            Require.present("ReadConsistency.token", token);
        }
    }

    /** See {@link #any()}. */
    record AnyStaleness() implements ReadConsistency {}
}
