package io.sagaz.bench.outbox;

import java.util.concurrent.atomic.AtomicLong;

/** Counts what was published. Safe for threads. */
final class Published {
    private final AtomicLong count = new AtomicLong();

    void add(int events) {
        count.addAndGet(events);
    }

    long count() {
        return count.get();
    }
}
