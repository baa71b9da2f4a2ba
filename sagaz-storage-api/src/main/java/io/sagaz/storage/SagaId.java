package io.sagaz.storage;

import java.time.Clock;
import java.time.Instant;
import java.util.UUID;

/**
 * The identifier of a saga: a UUID of version 7, which carries the time at which it was made.
 *
 * <p>The store keeps sagas in partitions by time and finds the partition from the identifier alone. Identifiers of one
 * process ascend in the order in which they were made; across processes they are ordered by their clocks.
 *
 * @param value a UUID of version 7
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9562#section-5.7">RFC 9562, section 5.7</a>
 */
public record SagaId(UUID value) {
    /**
     * Checks the identifier.
     *
     * @throws IllegalArgumentException if {@code value} is not a UUID of version 7
     */
    public SagaId {
        UuidV7.check("SagaId", value);
    }

    /** A new identifier, with the time of the system clock. */
    public static SagaId next() {
        return next(Clock.systemUTC());
    }

    /** A new identifier, with the time of {@code clock}. */
    public static SagaId next(Clock clock) {
        return new SagaId(UuidV7.next(Require.present("clock", clock).millis()));
    }

    /**
     * Reads the usual text form of 36 characters.
     *
     * @throws IllegalArgumentException if {@code text} is not that of a UUID of version 7
     */
    public static SagaId parse(String text) {
        return new SagaId(UuidV7.parse("SagaId", text));
    }

    /** When the saga was created, in whole milliseconds. */
    public Instant createdAt() {
        return UuidV7.time(value);
    }

    /** The usual text form of 36 characters. */
    @Override
    public String toString() {
        return value.toString();
    }
}
