package io.sagaz.bench.outbox;

import io.sagaz.bench.measure.Durations;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/** When each of many events was due, committed and published. Safe for threads; asked when all is over. */
final class Journey {
    private final long begin = System.nanoTime();
    private final AtomicLongArray due;
    private final AtomicLongArray committed;
    private final AtomicLongArray published;
    private final AtomicLong emitted = new AtomicLong();
    private final AtomicLong arrived = new AtomicLong();

    /** Of events with the numbers from 0 on, so many at most. */
    Journey(int events) {
        due = new AtomicLongArray(events);
        committed = new AtomicLongArray(events);
        published = new AtomicLongArray(events);
    }

    /** Whether there is room for events up to that number. */
    boolean hasRoom(long last) {
        return last < due.length();
    }

    /** Of some events that are about to be emitted. */
    void due(int first, int count, long time) {
        for (int number = first; number < first + count; number++) {
            due.set(number, time - begin);
        }
    }

    /** Of the same, when their commit has come back. */
    void committed(int first, int count) {
        long now = System.nanoTime() - begin;
        for (int number = first; number < first + count; number++) {
            committed.set(number, now);
        }
        emitted.addAndGet(count);
    }

    /** Of one, the first time. */
    void published(int number) {
        if (number < published.length() && published.compareAndSet(number, 0, System.nanoTime() - begin)) {
            arrived.incrementAndGet();
        }
    }

    /** How many are emitted and not published. */
    long underWay() {
        return emitted.get() - arrived.get();
    }

    /** From when each was due until it was published. */
    Durations fromDue() {
        return durations(due);
    }

    /** From when each was seen to be committed until it was published, which may come first. */
    Durations fromCommit() {
        return durations(committed);
    }

    private Durations durations(AtomicLongArray from) {
        Durations durations = new Durations();
        for (int number = 0; number < published.length(); number++) {
            if (published.get(number) != 0 && committed.get(number) != 0) {
                durations.add(Math.max(0, published.get(number) - from.get(number)));
            }
        }
        return durations;
    }
}
