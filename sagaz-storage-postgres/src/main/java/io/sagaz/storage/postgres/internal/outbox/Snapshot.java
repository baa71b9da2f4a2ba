package io.sagaz.storage.postgres.internal.outbox;

import java.util.Arrays;
import java.util.OptionalLong;

/**
 * Which transactions were complete at a moment. Immutable.
 *
 * @see <a href="https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-PG-SNAPSHOT">PostgreSQL: pg_snapshot</a>
 */
public final class Snapshot {
    /** Of a moment before everything. */
    static final Snapshot NOTHING = parse("1:1:");

    private final String text;
    private final long lowest;
    private final long end;
    private final long[] open;

    private Snapshot(String text, long lowest, long end, long[] open) {
        this.text = text;
        this.lowest = lowest;
        this.end = end;
        this.open = open;
    }

    /** Reads what PostgreSQL writes: the lowest open transaction, the first that had not begun, the open ones between. */
    public static Snapshot parse(String text) {
        String[] parts = text.split(":", -1);
        if (parts.length != 3) {
            throw new IllegalArgumentException("A snapshot looks like 10:20:10,14 but is " + text);
        }
        long[] open = parts[2].isEmpty()
                ? new long[0]
                : Arrays.stream(parts[2].split(","))
                        .mapToLong(Long::parseLong)
                        .sorted()
                        .toArray();
        return new Snapshot(text, Long.parseLong(parts[0]), Long.parseLong(parts[1]), open);
    }

    /** Every transaction below is complete. */
    long lowest() {
        return lowest;
    }

    /** Whether a transaction was complete. */
    boolean shows(long transaction) {
        return transaction < end && Arrays.binarySearch(open, transaction) < 0;
    }

    /**
     * The first transaction that had begun and was not complete at this moment, but is at a later one.
     *
     * @param next the number of the transaction that began next after this moment: those from the end of the snapshot up to it may
     *     have begun
     */
    OptionalLong firstCompletedBy(Snapshot later, long next) {
        for (long transaction : open) {
            if (later.shows(transaction)) {
                return OptionalLong.of(transaction);
            }
        }
        for (long transaction = end; transaction < Math.min(next, later.end); transaction++) {
            if (later.shows(transaction)) {
                return OptionalLong.of(transaction);
            }
        }
        return OptionalLong.empty();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Snapshot that && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** As PostgreSQL writes it. */
    @Override
    public String toString() {
        return text;
    }
}
