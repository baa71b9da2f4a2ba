package io.sagaz.storage.postgres.internal.outbox;

import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * How far some shards are read. Immutable, and pure: knows no server.
 *
 * <p>The log is read in windows: what is visible in one snapshot and was not in the one before, in the order of the numbers.
 * Nothing is passed over, however late its transaction commits; a window is looked for only behind the point where the first of
 * those transactions began that were waited for.
 *
 * @param shards which shards: bit n is for shard n
 * @param low what is visible in this snapshot has been read
 * @param lastSeq what has a number up to this, and is not read, is of a transaction below {@code nextTransaction} that was open
 * @param nextTransaction see there
 * @param lowSeq everything up to this number is read, whenever it commits
 * @param window what is being read; null for nothing
 * @param position of the window everything up to this number is read
 */
record ReadCursor(
        long shards,
        Snapshot low,
        long lastSeq,
        long nextTransaction,
        long lowSeq,
        @Nullable Snapshot window,
        long windowLastSeq,
        long windowNextTransaction,
        long position) {
    /** What the database has kept of a cursor. Where the log was at the time is not known any more, so all behind lowSeq is looked at. */
    static ReadCursor kept(long shards, Snapshot low, long lowSeq, @Nullable Snapshot window, long position) {
        return new ReadCursor(shards, low, lowSeq, 0, lowSeq, window, lowSeq, 0, Math.max(position, lowSeq));
    }

    boolean isReading() {
        return window != null;
    }

    /** The same for fewer shards. */
    ReadCursor of(long fewer) {
        return new ReadCursor(
                fewer, low, lastSeq, nextTransaction, lowSeq, window, windowLastSeq, windowNextTransaction, position);
    }

    /** Whether another one goes on at the same point. */
    boolean isLevelWith(ReadCursor other) {
        return other.of(shards).equals(this);
    }

    /** Goes on to where the log is now: with a window if there may be something in it. */
    ReadCursor to(LogPosition now, Ticks ticks) {
        OptionalLong late = low.firstCompletedBy(now.snapshot(), nextTransaction);
        if (late.isEmpty() && now.lastSeq() <= lastSeq) {
            return new ReadCursor(
                    shards,
                    now.snapshot(),
                    now.lastSeq(),
                    now.nextTransaction(),
                    ticks.before(now.snapshot().lowest(), lowSeq),
                    null,
                    0,
                    0,
                    0);
        }
        long from = late.isPresent() ? ticks.before(late.getAsLong(), lowSeq) : lastSeq;
        return new ReadCursor(
                shards,
                low,
                lastSeq,
                nextTransaction,
                lowSeq,
                now.snapshot(),
                now.lastSeq(),
                now.nextTransaction(),
                Math.min(from, lastSeq));
    }

    /** Has read up to this number of its window. */
    ReadCursor past(long seq) {
        return new ReadCursor(
                shards, low, lastSeq, nextTransaction, lowSeq, window, windowLastSeq, windowNextTransaction, seq);
    }

    /** Has read its window. */
    ReadCursor finished(Ticks ticks) {
        Snapshot read = window;
        if (read == null) {
            throw new IllegalStateException("There is no window");
        }
        return new ReadCursor(
                shards, read, windowLastSeq, windowNextTransaction, ticks.before(read.lowest(), lowSeq), null, 0, 0, 0);
    }
}
