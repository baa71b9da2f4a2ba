package io.sagaz.cli.demo;

import io.sagaz.storage.ReadSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;

/** Where reads went over the time of the run, in slots of equal length. Safe for threads. */
final class History {
    /** How many slots the time of the run is divided into. */
    static final int SLOTS = 120;

    private final long runNanos;
    private final AtomicIntegerArray replica = new AtomicIntegerArray(SLOTS);
    private final AtomicIntegerArray primary = new AtomicIntegerArray(SLOTS);

    History(long runNanos) {
        this.runNanos = runNanos;
    }

    /** Notes a read that was answered {@code elapsedNanos} after the run began; later ones fall into the last slot. */
    void add(long elapsedNanos, ReadSource source) {
        int slot = (int) Math.max(0, Math.min(SLOTS - 1, elapsedNanos * SLOTS / runNanos));
        (source == ReadSource.REPLICA ? replica : primary).incrementAndGet(slot);
    }

    /** The reads from replicas, one number for each slot. */
    List<Integer> replica() {
        return copy(replica);
    }

    /** The reads from the primary, one number for each slot. */
    List<Integer> primary() {
        return copy(primary);
    }

    private static List<Integer> copy(AtomicIntegerArray slots) {
        return IntStream.range(0, SLOTS).mapToObj(slots::get).toList();
    }
}
