package io.sagaz.storage;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * How far a relay is behind. What is parked or given up counts as published: it has numbers of its own.
 *
 * @param relay the name of the relay; empty if none is registered
 * @param lastSeenAt when an instance of it was at work last
 * @param unpublished how many of the events that were looked at are not published. All there are if {@code exact}; else
 *     there may be more behind those
 * @param exact whether every event was looked at that may be unpublished
 * @param atMost there are no more unpublished events than this: so many numbers were given to events behind the lowest
 *     cursor. Numbers that were given in vain count too
 * @param oldest when the oldest event that is not published was made, of those that were looked at
 * @param oldestAge how old that event was, by the clock of the server that answered; zero if it is ahead of that
 * @param parked how many events are to be tried again, or wait behind such; exact
 * @param deadLetters how many events are given up; exact
 */
public record OutboxDepth(
        Optional<String> relay,
        Optional<Instant> lastSeenAt,
        long unpublished,
        boolean exact,
        long atMost,
        Optional<Instant> oldest,
        Optional<Duration> oldestAge,
        long parked,
        long deadLetters) {
    /** The most events that are looked at for a relay. */
    public static final int MOST_EXAMINED = 100_000;
}
