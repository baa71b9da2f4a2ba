package io.sagaz.storage.log;

import java.time.Instant;

/** With which event a relay begins that is not known yet. */
public sealed interface RelayStart {
    /** With the oldest that is kept. */
    static RelayStart beginning() {
        return new Beginning();
    }

    /** With those that get their number from now on. */
    static RelayStart now() {
        return new Now();
    }

    /**
     * With the first that was made at that time or later. What was made before and came in after that one is published too.
     *
     * @throws IllegalArgumentException if {@code time} is null
     */
    static RelayStart at(Instant time) {
        return new At(time);
    }

    /** See {@link #beginning()}. */
    record Beginning() implements RelayStart {}

    /** See {@link #now()}. */
    record Now() implements RelayStart {}

    /**
     * See {@link #at(Instant)}.
     *
     * @param time by the clocks of the events' authors
     */
    record At(Instant time) implements RelayStart {
        /** Checks that there is a time. */
        public At {
            if (time == null) {
                throw new IllegalArgumentException("RelayStart.time must not be null");
            }
        }
    }
}
