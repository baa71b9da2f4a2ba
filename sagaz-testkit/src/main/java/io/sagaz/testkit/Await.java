package io.sagaz.testkit;

import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * Waits for what becomes true by itself, always with a deadline and a name, which a failure tells.
 *
 * <pre>{@code
 * Await.until("the order is paid", () -> status(order) == PAID);
 * Saga done = Await.value("the saga is finished", () -> find(id), saga -> saga.status().isFinal());
 * Await.passes("the service answers", () -> service.ping());
 * }</pre>
 *
 * <p>Looks every few milliseconds, in the calling thread, and at least once. Where no time is given it is a minute: nothing is
 * slower for it, but a test that fails. Who is interrupted while waiting gets an {@link AssertionError} and stays interrupted.
 */
public final class Await {
    private static final Duration A_MINUTE = Duration.ofMinutes(1);
    private static final long POLL_MILLIS = 5;

    private Await() {}

    /** Something that goes through in the end. */
    @FunctionalInterface
    public interface Attempt {
        /**
         * Tries it.
         *
         * @throws Exception if it does not go through yet
         */
        void run() throws Exception;
    }

    /** Something that becomes true. An exception ends the waiting. */
    @FunctionalInterface
    interface Condition {
        boolean holds();
    }

    /**
     * Waits until a condition holds, for a minute at most.
     *
     * @see #until(String, Duration, Callable)
     */
    public static void until(String condition, Callable<Boolean> holds) {
        until(condition, A_MINUTE, holds);
    }

    /**
     * Waits until a condition holds. An exception of it ends the waiting at once.
     *
     * @param condition its name, as a failure tells it: what is true when the waiting ends well
     * @param atMost how long to wait; zero looks once
     * @param holds the condition
     * @throws AssertionError if it did not hold in time, or threw an exception, which is the cause
     * @throws IllegalArgumentException if {@code atMost} is negative
     */
    public static void until(String condition, Duration atMost, Callable<Boolean> holds) {
        Deadline deadline = new Deadline(condition, atMost);
        while (!deadline.look(holds)) {
            if (deadline.isOver()) {
                throw new AssertionError(deadline.inVain());
            }
        }
    }

    /**
     * Waits until a value is as wanted, for a minute at most.
     *
     * @see #value(String, Duration, Callable, Predicate)
     */
    public static <T> T value(String condition, Callable<T> look, Predicate<? super T> wanted) {
        return value(condition, A_MINUTE, look, wanted);
    }

    /**
     * Waits until a value is as wanted. An exception ends the waiting at once.
     *
     * @param condition its name, as a failure tells it: what is true when the waiting ends well
     * @param atMost how long to wait; zero looks once
     * @param look fetches the value
     * @param wanted what it should be like
     * @return the first value that was as wanted
     * @throws AssertionError if there was none in time, with the last one that was seen, or if there was an exception, which
     *     is the cause
     * @throws IllegalArgumentException if {@code atMost} is negative
     */
    public static <T> T value(String condition, Duration atMost, Callable<T> look, Predicate<? super T> wanted) {
        Deadline deadline = new Deadline(condition, atMost);
        while (true) {
            T seen = deadline.look(look);
            if (wanted.test(seen)) {
                return seen;
            }
            if (deadline.isOver()) {
                throw new AssertionError(deadline.inVain() + ". Last seen: " + seen);
            }
        }
    }

    /**
     * Waits until something goes through, for a minute at most.
     *
     * @see #passes(String, Duration, Attempt)
     */
    public static void passes(String condition, Attempt attempt) {
        passes(condition, A_MINUTE, attempt);
    }

    /**
     * Tries something again until it goes through without an exception and without a failed assertion.
     *
     * @param condition its name, as a failure tells it: what is true when the waiting ends well
     * @param atMost how long to wait; zero tries once
     * @param attempt what is tried
     * @throws AssertionError if it did not go through in time; what it threw last is the cause
     * @throws IllegalArgumentException if {@code atMost} is negative
     */
    public static void passes(String condition, Duration atMost, Attempt attempt) {
        Deadline deadline = new Deadline(condition, atMost);
        while (true) {
            Throwable last;
            try {
                attempt.run();
                return;
            } catch (InterruptedException e) {
                throw deadline.interrupted(e);
            } catch (Exception | AssertionError e) {
                last = e;
            }
            if (deadline.isOver()) {
                throw new AssertionError(deadline.inVain() + ". Last failure: " + last, last);
            }
        }
    }

    /** Returns whether the condition held before the time was over. */
    static boolean holds(Duration atMost, Condition condition) {
        long start = System.nanoTime();
        while (!condition.holds()) {
            if (System.nanoTime() - start >= atMost.toNanos()) {
                return false;
            }
            try {
                TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                throw interrupted(e);
            }
        }
        return true;
    }

    static TopologyException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new TopologyException("Interrupted while waiting for a program of the topology", e);
    }

    private static final class Deadline {
        private final String condition;
        private final Duration atMost;
        private final long start = System.nanoTime();

        Deadline(String condition, Duration atMost) {
            this.condition = Objects.requireNonNull(condition, "condition");
            this.atMost = atMost;
            if (atMost.isNegative()) {
                throw new IllegalArgumentException("Await.atMost must not be negative but is " + atMost);
            }
        }

        <T> T look(Callable<T> look) {
            try {
                return look.call();
            } catch (InterruptedException e) {
                throw interrupted(e);
            } catch (Exception e) {
                throw new AssertionError("While waiting until " + condition + ": " + e, e);
            }
        }

        /** Whether the time is over. If it is not, a moment passes. */
        boolean isOver() {
            if (System.nanoTime() - start >= atMost.toNanos()) {
                return true;
            }
            try {
                TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                throw interrupted(e);
            }
            return false;
        }

        String inVain() {
            return "Waited " + atMost.toString().substring(2).toLowerCase(Locale.ROOT) + " in vain until " + condition;
        }

        AssertionError interrupted(InterruptedException e) {
            Thread.currentThread().interrupt();
            return new AssertionError("Interrupted while waiting until " + condition, e);
        }
    }
}
