package io.sagaz.cli.demo;

import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaStatus;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * What the store has acknowledged, and when: kept in memory, apart from the database, so that the database can be
 * held against it.
 *
 * <p>Safe for threads: one lock guards everything. The moment of an acknowledgement is taken under that lock, so the
 * moments ascend; it is later than the true one by the wait for the lock at most, which can only make a check milder.
 * All moments are nanoseconds since the ledger was opened, on the monotonic clock.
 */
final class Ledger {
    private final LongSupplier nanoTime;
    private final long opened;

    private final Map<SagaId, Entry> entries = new HashMap<>();
    private final List<Entry> placed = new ArrayList<>();
    private final Timeline placements = new Timeline();
    private final Map<SagaStatus, Timeline> finishes = new EnumMap<>(SagaStatus.class);
    private long transactions;

    /**
     * An order and how much of it was acknowledged.
     *
     * @param order the order
     * @param transactions how many of its transactions were acknowledged
     */
    record Line(Order order, int transactions) {
        /** Whether all of them were. */
        boolean isComplete() {
            return transactions == order.outcome().milestones().size();
        }
    }

    /**
     * Sums over the whole ledger.
     *
     * @param placed the orders whose first transaction was acknowledged
     * @param finished the orders whose last transaction was acknowledged
     * @param compensated those of them that were undone
     * @param transactions the transactions that were acknowledged, each of which has emitted one event
     */
    record Totals(long placed, long finished, long compensated, long transactions) {}

    private static final class Entry {
        final Order order;
        final long[] acknowledgedAt;
        int transactions;

        Entry(Order order) {
            this.order = order;
            this.acknowledgedAt = new long[order.outcome().milestones().size()];
        }
    }

    /** An empty ledger on this clock, usually {@link System#nanoTime()}. */
    Ledger(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.opened = nanoTime.getAsLong();
        finishes.put(SagaStatus.SUCCESS, new Timeline());
        finishes.put(SagaStatus.COMPENSATED, new Timeline());
    }

    /** The moment now. */
    long now() {
        return nanoTime.getAsLong() - opened;
    }

    /** Notes an order of which nothing is acknowledged yet. */
    synchronized void open(Order order) {
        if (entries.putIfAbsent(order.sagaId(), new Entry(order)) != null) {
            throw new IllegalArgumentException("Order " + order.number() + " is in the ledger already");
        }
    }

    /** Notes that the next transaction of an order was acknowledged just now. */
    synchronized void acknowledge(Order order) {
        Entry entry = entry(order.sagaId());
        long now = now();
        entry.acknowledgedAt[entry.transactions++] = now;
        transactions++;
        if (entry.transactions == 1) {
            placed.add(entry);
            placements.add(now);
        }
        if (entry.transactions == entry.acknowledgedAt.length) {
            timelineOf(order.outcome().end().saga()).add(now);
        }
    }

    /** The order that this saga belongs to, acknowledged or not. */
    synchronized Optional<Order> order(SagaId id) {
        return Optional.ofNullable(entries.get(id)).map(entry -> entry.order);
    }

    /** The version of a saga that was acknowledged at this moment or before; 0 if none was. */
    synchronized int versionAt(SagaId id, long moment) {
        Entry entry = entry(id);
        int version = 0;
        while (version < entry.transactions && entry.acknowledgedAt[version] <= moment) {
            version++;
        }
        return version;
    }

    /** How many orders were acknowledged as placed at this moment or before. */
    synchronized long placedAt(long moment) {
        return placements.countUntil(moment);
    }

    /** How many orders were acknowledged as finished in this status at this moment or before. */
    synchronized long finishedAt(SagaStatus status, long moment) {
        return timelineOf(status).countUntil(moment);
    }

    /** One of the {@code newest} orders that were placed last, by chance; empty if there is none yet. */
    synchronized Optional<Order> any(RandomGenerator random, int newest) {
        if (placed.isEmpty()) {
            return Optional.empty();
        }
        int from = Math.max(0, placed.size() - newest);
        return Optional.of(placed.get(random.nextInt(from, placed.size())).order);
    }

    /** The sums now. */
    synchronized Totals totals() {
        long compensated = timelineOf(SagaStatus.COMPENSATED).size();
        return new Totals(
                placements.size(), timelineOf(SagaStatus.SUCCESS).size() + compensated, compensated, transactions);
    }

    /** Everything in the ledger, in no particular order. */
    synchronized List<Line> lines() {
        return entries.values().stream()
                .map(entry -> new Line(entry.order, entry.transactions))
                .toList();
    }

    private Entry entry(SagaId id) {
        Entry entry = entries.get(id);
        if (entry == null) {
            throw new IllegalArgumentException("The ledger knows no saga " + id);
        }
        return entry;
    }

    private Timeline timelineOf(SagaStatus finished) {
        Timeline timeline = finishes.get(finished);
        if (timeline == null) {
            throw new IllegalArgumentException("No order ends in " + finished);
        }
        return timeline;
    }
}
