package io.sagaz.storage;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/**
 * UUID version 7 as RFC 9562 section 5.7 defines it: 48 bits of Unix milliseconds, then 74 bits that are ours.
 *
 * <p>The 12 bits behind the version count identifiers of the same millisecond (method 1 of RFC 9562 section 6.2), so
 * that identifiers of one process ascend; the last 62 bits are random.
 */
final class UuidV7 {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int COUNTER_BITS = 12;
    private static final long MAX_MILLIS = (1L << 48) - 1;
    /** Milliseconds and counter of the newest identifier, in one number so that one compare-and-set moves both. */
    private static final AtomicLong NEWEST = new AtomicLong();

    private UuidV7() {}

    /** A new identifier whose time is at least {@code nowMillis}; later by the overflow of the counter, if at all. */
    static UUID next(long nowMillis) {
        if (nowMillis < 0 || nowMillis > MAX_MILLIS - 1_000) {
            throw new IllegalArgumentException("A UUID of version 7 carries times from 1970 to the year 10889, but the"
                    + " clock says " + nowMillis + " ms since 1970. Set the clock.");
        }
        long tick = NEWEST.updateAndGet(newest -> Math.max(newest + 1, nowMillis << COUNTER_BITS));
        // A clock that was set back by more than a second starts anew, or every identifier would carry the old future.
        if ((tick >>> COUNTER_BITS) - nowMillis > 1_000) {
            tick = nowMillis << COUNTER_BITS;
            NEWEST.set(tick);
        }
        long millis = tick >>> COUNTER_BITS;
        long counter = tick & ((1 << COUNTER_BITS) - 1);
        long high = millis << 16 | 0x7000 | counter;
        long low = RANDOM.nextLong() >>> 2 | 0x8000000000000000L;
        return new UUID(high, low);
    }

    static UUID check(String what, UUID uuid) {
        if (Require.present(what, uuid).version() != 7 || uuid.variant() != 2) {
            throw new IllegalArgumentException(what + " must be a UUID of version 7 (RFC 9562), whose first 48 bits are"
                    + " its time, but is " + uuid + ". Keep identifiers of other kinds in the idempotency key or in"
                    + " the context.");
        }
        return uuid;
    }

    static UUID parse(String what, String text) {
        String present = Require.present(what, text);
        UUID uuid;
        try {
            uuid = UUID.fromString(present);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(what + " must be a UUID but is \"" + shorten(present) + "\"", e);
        }
        if (!uuid.toString().equalsIgnoreCase(present)) {
            throw new IllegalArgumentException(
                    what + " must be a UUID in its full form of 36 characters but is \"" + shorten(present) + "\"");
        }
        return check(what, uuid);
    }

    static Instant time(UUID uuid) {
        return Instant.ofEpochMilli(uuid.getMostSignificantBits() >>> 16 & MAX_MILLIS);
    }

    private static String shorten(String text) {
        return text.length() <= 60 ? text : text.substring(0, 60) + "…";
    }
}
