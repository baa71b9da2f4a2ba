package io.sagaz.outbox;

import io.sagaz.storage.log.ParkedKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The keys whose events are parked: what comes later of them is parked, too. Not safe for threads: guarded by the lock of the
 * {@link Dispatcher}.
 */
final class ParkedKeys {
    private static final class Entry {
        private final int shard;
        private long dueNanos;
        /** So many of its events are to be parked and are not in the database yet. */
        private int coming;

        private boolean beingTried;

        Entry(int shard, long dueNanos) {
            this.shard = shard;
            this.dueNanos = dueNanos;
        }
    }

    private final Map<String, Entry> entries = new HashMap<>();

    boolean contains(String key) {
        return entries.containsKey(key);
    }

    int size() {
        return entries.size();
    }

    /** An event of a key is to be parked. */
    void add(String key, int shard, long dueNanos) {
        entries.computeIfAbsent(key, first -> new Entry(shard, dueNanos)).coming++;
    }

    /** One of those that were coming is in the database. */
    void arrived(String key) {
        Entry entry = entries.get(key);
        if (entry != null && entry.coming > 0) {
            entry.coming--;
        }
    }

    /** Takes keys that are to be tried now. */
    List<ParkedKey> takeDue(long now, int most) {
        List<ParkedKey> due = new ArrayList<>();
        for (Map.Entry<String, Entry> each : entries.entrySet()) {
            Entry entry = each.getValue();
            if (!entry.beingTried && now - entry.dueNanos >= 0) {
                entry.beingTried = true;
                due.add(new ParkedKey(entry.shard, each.getKey(), Duration.ZERO));
                if (due.size() == most) {
                    break;
                }
            }
        }
        return due;
    }

    /** How long until the next one is due, in nanoseconds. */
    long nanosUntilDue(long now) {
        return entries.values().stream()
                .filter(entry -> !entry.beingTried)
                .mapToLong(entry -> Math.max(0, entry.dueNanos - now))
                .min()
                .orElse(Long.MAX_VALUE);
    }

    /** A key was tried, and is to be tried again. */
    void retry(String key, long dueNanos) {
        Entry entry = entries.get(key);
        if (entry != null) {
            entry.beingTried = false;
            entry.dueNanos = dueNanos;
        }
    }

    /** A key was tried, and nothing of it is left in the database; it is free, unless more is coming. */
    void tried(String key, long dueNanos) {
        Entry entry = entries.get(key);
        if (entry != null && entry.coming == 0) {
            entries.remove(key);
        } else {
            retry(key, dueNanos);
        }
    }

    /** What is in the database: keys that others have put there, or have made due, or have taken away. */
    void learn(List<ParkedKey> known, long now) {
        Set<String> names = new HashSet<>();
        for (ParkedKey key : known) {
            names.add(key.orderingKey());
            long due = now + key.dueIn().toNanos();
            // Of one that is being tried, the end of that says when it is due.
            entries.computeIfAbsent(key.orderingKey(), first -> new Entry(key.shard(), due)).dueNanos = due;
        }
        entries.entrySet()
                .removeIf(each ->
                        !names.contains(each.getKey()) && each.getValue().coming == 0 && !each.getValue().beingTried);
    }

    /** Nothing is known any more, until it is {@linkplain #learn learnt}. */
    void clear() {
        entries.clear();
    }

    /** Nothing is coming any more: what was read is read again. */
    void forgetComing() {
        entries.values().forEach(entry -> entry.coming = 0);
    }
}
