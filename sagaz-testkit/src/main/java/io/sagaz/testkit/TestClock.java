package io.sagaz.testkit;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A clock that stands still until a test moves it, for whatever takes a {@link Clock}: {@code SagaId.next(clock)}, and the code
 * under test.
 *
 * <pre>{@code
 * TestClock clock = TestClock.at(Instant.parse("2026-03-01T00:00:00Z"));
 * SagaId first = SagaId.next(clock);
 * clock.advance(Duration.ofDays(1));
 * SagaId nextDay = SagaId.next(clock);
 * }</pre>
 *
 * <p>Servers have clocks of their own, which it does not move. Thread-safe: who reads it after it was moved sees that.
 */
public final class TestClock extends Clock {
    private final AtomicReference<Instant> now;
    private final ZoneId zone;

    private TestClock(AtomicReference<Instant> now, ZoneId zone) {
        this.now = now;
        this.zone = zone;
    }

    /**
     * A clock in UTC.
     *
     * @param start what it shows until it is moved
     * @return a new clock
     */
    public static TestClock at(Instant start) {
        return new TestClock(new AtomicReference<>(Objects.requireNonNull(start, "start")), ZoneOffset.UTC);
    }

    /**
     * Moves it forward.
     *
     * @param step how far; zero is allowed
     * @throws IllegalArgumentException if it is negative; {@link #set(Instant)} turns a clock back
     */
    public void advance(Duration step) {
        if (step.isNegative()) {
            throw new IllegalArgumentException(
                    "TestClock.advance must not be negative, but is " + step + ": set(Instant) turns a clock back");
        }
        now.updateAndGet(instant -> instant.plus(step));
    }

    /**
     * Moves it to a moment, also backwards.
     *
     * @param moment what it shows from now on
     */
    public void set(Instant moment) {
        now.set(Objects.requireNonNull(moment, "moment"));
    }

    @Override
    public Instant instant() {
        return Objects.requireNonNull(now.get());
    }

    @Override
    public ZoneId getZone() {
        return zone;
    }

    /** The same clock in another zone: whoever moves one of them moves both. */
    @Override
    public TestClock withZone(ZoneId other) {
        return new TestClock(now, Objects.requireNonNull(other, "other"));
    }

    @Override
    public String toString() {
        return "TestClock[" + now + ", " + zone + "]";
    }
}
