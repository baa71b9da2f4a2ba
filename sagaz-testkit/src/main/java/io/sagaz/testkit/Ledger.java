package io.sagaz.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

/**
 * Keeps the books of a test that breaks things: what was promised to somebody, by an acknowledgement, and what arrived. In the
 * end it says what was lost, what arrived without a promise, what came twice and what came out of order.
 *
 * <pre>{@code
 * Ledger ledger = Ledger.ofSeed(seed);
 * // Whoever writes, after its commit:
 * ledger.promise("order-42", 7);
 * // Whoever receives:
 * ledger.arrive("order-42", 7);
 * // When nobody writes any more:
 * ledger.awaitPromised(Duration.ofMinutes(1)).assertAtLeastOnce().assertInOrder();
 * }</pre>
 *
 * <p>Everything has a key and a number of its own within it. Within a key the order is that of the numbers: whoever writes counts
 * them up. Safe for threads. Keeps all that it was told.
 */
public final class Ledger {
    private final OptionalLong seed;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // All guarded by the lock.
    private final Set<Entry> promised = new HashSet<>();
    private final Set<Entry> doubtful = new HashSet<>();
    private final Set<Entry> missing = new LinkedHashSet<>();
    private final Set<Entry> arrived = new LinkedHashSet<>();
    private final List<Entry> duplicates = new ArrayList<>();

    /**
     * One thing.
     *
     * @param key what it is kept in order by
     * @param number its place among all of the key; not all numbers need be there
     */
    public record Entry(String key, long number) {
        /** Checks that there is a key. */
        public Entry {
            Objects.requireNonNull(key, "Ledger.key");
        }

        /** The key and the number, as in {@code order-42#7}. */
        @Override
        public String toString() {
            return key + '#' + number;
        }
    }

    /** One that knows of no seed. */
    public Ledger() {
        this(OptionalLong.empty());
    }

    private Ledger(OptionalLong seed) {
        this.seed = seed;
    }

    /**
     * One whose failures tell the seed of the test's chance.
     *
     * @param seed as it makes the test do the same again
     */
    public static Ledger ofSeed(long seed) {
        return new Ledger(OptionalLong.of(seed));
    }

    /**
     * Notes that somebody was told that this will arrive: the commit was acknowledged.
     *
     * @throws IllegalArgumentException if that was noted before: two things have one number
     */
    public void promise(String key, long number) {
        Entry entry = new Entry(key, number);
        lock.lock();
        try {
            if (!promised.add(entry)) {
                throw new IllegalArgumentException(
                        "Ledger: " + entry + " was promised before; each thing of a key needs a number of its own");
            }
            doubtful.remove(entry);
            if (!arrived.contains(entry)) {
                missing.add(entry);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Notes that this may arrive and need not: it was attempted, and nobody was told how it ended. A promise counts more.
     */
    public void doubt(String key, long number) {
        Entry entry = new Entry(key, number);
        lock.lock();
        try {
            if (!promised.contains(entry)) {
                doubtful.add(entry);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Notes an arrival, also one before its promise: the acknowledgement may be slower.
     *
     * @return whether it is the first of this thing
     */
    public boolean arrive(String key, long number) {
        Entry entry = new Entry(key, number);
        lock.lock();
        try {
            if (!arrived.add(entry)) {
                duplicates.add(entry);
                return false;
            }
            missing.remove(entry);
            changed.signalAll();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** How many things have arrived, each counted once. */
    public int arrived() {
        lock.lock();
        try {
            return arrived.size();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until so many things have arrived, each counted once.
     *
     * @throws AssertionError if there are fewer when the time is over; it tells the verdict of that moment
     */
    public void awaitArrived(int count, Duration atMost) {
        await(count + " have arrived", atMost, () -> arrived.size() >= count);
    }

    /**
     * Waits until all that was promised so far has arrived.
     *
     * @return the verdict of that moment
     * @throws AssertionError if something is missing when the time is over; it tells the verdict of that moment
     */
    public Verdict awaitPromised(Duration atMost) {
        return await("all that was promised has arrived", atMost, missing::isEmpty);
    }

    private Verdict await(String condition, Duration atMost, Await.Condition holds) {
        long left = atMost.toNanos();
        lock.lock();
        try {
            while (!holds.holds()) {
                if (left <= 0) {
                    throw new AssertionError("Waited " + atMost + " in vain until " + condition + ": " + verdict());
                }
                left = changed.awaitNanos(left);
            }
            return verdict();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("Interrupted while waiting until " + condition, e);
        } finally {
            lock.unlock();
        }
    }

    /** What is to be said of all that was noted so far. While somebody still writes, what arrives before its promise is unknown. */
    public Verdict verdict() {
        lock.lock();
        try {
            return new Verdict(
                    promised.size(),
                    arrived.size(),
                    List.copyOf(missing),
                    arrived.stream()
                            .filter(entry -> !promised.contains(entry) && !doubtful.contains(entry))
                            .toList(),
                    duplicates,
                    outOfOrder(),
                    seed);
        } finally {
            lock.unlock();
        }
    }

    private List<Entry> outOfOrder() {
        Map<String, Long> highest = new HashMap<>();
        List<Entry> late = new ArrayList<>();
        for (Entry entry : arrived) {
            long before = highest.merge(entry.key(), entry.number(), Math::max);
            if (before > entry.number()) {
                late.add(entry);
            }
        }
        return late;
    }

    /**
     * What the books say.
     *
     * @param promised how many things were promised
     * @param arrived how many have arrived, each counted once
     * @param lost what was promised and has not arrived, in the order of the promises
     * @param unknown what has arrived and was neither promised nor {@linkplain Ledger#doubt doubtful}, in the order of arrival
     * @param duplicates each arrival behind the first of a thing, in the order of arrival
     * @param outOfOrder what arrived first when something of a higher number and the same key had arrived already
     * @param seed that of the test's chance
     */
    public record Verdict(
            int promised,
            int arrived,
            List<Entry> lost,
            List<Entry> unknown,
            List<Entry> duplicates,
            List<Entry> outOfOrder,
            OptionalLong seed) {
        private static final int MOST_SHOWN = 20;

        /** Copies the lists. */
        public Verdict {
            lost = List.copyOf(lost);
            unknown = List.copyOf(unknown);
            duplicates = List.copyOf(duplicates);
            outOfOrder = List.copyOf(outOfOrder);
        }

        /**
         * Nothing was lost, and nothing came that was not promised.
         *
         * @return this
         * @throws AssertionError if that is not so; it tells the whole verdict
         */
        public Verdict assertAtLeastOnce() {
            return require("each to arrive at least once", lost.isEmpty() && unknown.isEmpty());
        }

        /**
         * Nothing was lost, nothing came that was not promised, and nothing came twice.
         *
         * @return this
         * @throws AssertionError if that is not so; it tells the whole verdict
         */
        public Verdict assertExactlyOnce() {
            return require("each to arrive exactly once", lost.isEmpty() && unknown.isEmpty() && duplicates.isEmpty());
        }

        /**
         * Of each key, all arrived in their order; a later arrival of the same thing does not count.
         *
         * @return this
         * @throws AssertionError if that is not so; it tells the whole verdict
         */
        public Verdict assertInOrder() {
            return require("each key to arrive in its order", outOfOrder.isEmpty());
        }

        /**
         * Not more came twice than may be.
         *
         * @return this
         * @throws AssertionError if that is not so; it tells the whole verdict
         */
        public Verdict assertDuplicatesAtMost(int most) {
            return require("at most " + most + " duplicates", duplicates.size() <= most);
        }

        private Verdict require(String expected, boolean holds) {
            if (!holds) {
                throw new AssertionError("Expected " + expected + ", but of " + this);
            }
            return this;
        }

        /** All of it, of each list the first twenty. */
        @Override
        public String toString() {
            return promised + " promised " + arrived + " arrived"
                    + (seed.isPresent() ? " (seed " + seed.getAsLong() + ")" : "")
                    + shown("lost", lost)
                    + shown("arrived without a promise", unknown)
                    + shown("duplicates", duplicates)
                    + shown("out of order", outOfOrder);
        }

        private static String shown(String what, List<Entry> entries) {
            String all = entries.stream().limit(MOST_SHOWN).map(Entry::toString).collect(Collectors.joining(", "));
            return "\n  " + what + ": " + entries.size() + (entries.isEmpty() ? "" : ": " + all)
                    + (entries.size() > MOST_SHOWN ? ", …" : "");
        }
    }
}
