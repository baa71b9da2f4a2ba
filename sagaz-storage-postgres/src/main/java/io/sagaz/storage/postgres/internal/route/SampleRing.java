package io.sagaz.storage.postgres.internal.route;

import io.sagaz.storage.CausalToken;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Turns a replica's replay position into an upper bound of its staleness. Safe for threads.
 *
 * <p>An epoch is a stretch of samples with one snapshot text. Within it the set of visible transactions did not change,
 * so what was visible at its last sample was visible at its first one, however much log open transactions wrote
 * meanwhile. A replica that has replayed all of that shows everything acknowledged before the epoch was last seen.
 *
 * <p>Two positions tell what "all of that" is, and the smaller of the two bounds holds:
 *
 * <ul>
 *   <li>the end of what was inserted at the epoch's first sample. Every visible commit is before it, but open
 *       transactions may have put it where no replica gets until somebody commits;
 *   <li>what was flushed. Replicas get that, but an asynchronous commit is visible before it is flushed, by the primary's
 *       {@code asyncCommitNanos} at most. So the position flushed at the first sample is enough only for what was
 *       acknowledged that long before, and the whole epoch needs a position flushed that long after its first sample.
 * </ul>
 *
 * <p>A crash may lose asynchronous commits and bring a text back with other data behind it. No backend survives a crash,
 * so an epoch ends with the backend that answered, too.
 */
final class SampleRing {
    private static final int CAPACITY = 2_048;

    private static final class Epoch {
        final PrimarySample first;
        /** The first sample at which every commit that the epoch shows was flushed. */
        @Nullable
        PrimarySample settled;

        long lastSeenNanos;
        long asyncCommitNanos;

        Epoch(PrimarySample first) {
            this.first = first;
        }

        void extend(PrimarySample sample) {
            // The primary's setting may have been raised meanwhile.
            asyncCommitNanos = Math.max(asyncCommitNanos, sample.asyncCommitNanos());
            if (settled == null && sample.sentNanos() - first.answeredNanos() >= asyncCommitNanos) {
                settled = sample;
            }
            lastSeenNanos = sample.sentNanos();
        }
    }

    /** The newest first. */
    private final Deque<Epoch> epochs = new ArrayDeque<>();

    private @Nullable PrimarySample newest;
    private boolean interrupted;
    /** Whether the newest two samples saw the same data. */
    private boolean quiet;

    /** Adds a sample; samples are added in the order in which they were sent. */
    synchronized void add(PrimarySample sample) {
        PrimarySample before = newest;
        if (before != null && (!before.history().equals(sample.history()) || isBehind(sample, before.insertEnd()))) {
            // Positions of another history, or of a log that lost its end, say nothing about this one.
            epochs.clear();
        }
        quiet = before != null && before.snapshot().equals(sample.snapshot());
        newest = sample;
        Epoch current = epochs.peekFirst();
        if (current == null || interrupted || !quiet || !current.first.backend().equals(sample.backend())) {
            interrupted = false;
            current = new Epoch(sample);
            epochs.addFirst(current);
            if (epochs.size() > CAPACITY) {
                epochs.removeLast();
            }
        }
        current.extend(sample);
    }

    /** The primary could not be asked: it may have restarted, and then an equal text need not mean equal data. */
    synchronized void interrupt() {
        interrupted = true;
    }

    /** Nothing is known any more. */
    synchronized void clear() {
        epochs.clear();
        newest = null;
    }

    synchronized @Nullable PrimarySample newest() {
        return newest;
    }

    /**
     * How stale a read can be that is sent at {@code now} to a replica which had replayed {@code position} before.
     *
     * @param history the one that the replica is known to follow; positions of another one than the primary's prove nothing,
     *     for where the two part is not known
     * @return nanoseconds; empty if no sample is old enough to tell, which is to be read as unbounded
     */
    synchronized OptionalLong staleness(long position, History history, long now) {
        if (newest == null || !history.equals(newest.history())) {
            return OptionalLong.empty();
        }
        long best = Long.MAX_VALUE;
        for (Epoch epoch : epochs) {
            long sinceLast = now - epoch.lastSeenNanos;
            if (sinceLast >= best) {
                break;
            }
            PrimarySample settled = epoch.settled;
            if (reaches(position, epoch.first.insertEnd())
                    || (settled != null && reaches(position, settled.flushed()))) {
                best = sinceLast;
            } else if (reaches(position, epoch.first.flushed())) {
                best = Math.min(best, now - epoch.first.sentNanos() + epoch.asyncCommitNanos);
            }
        }
        return best == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(best);
    }

    /** What stands for all that the newest sample saw: the lowest position that is known to show it; empty without a sample. */
    synchronized Optional<CausalToken> token() {
        Epoch current = epochs.peekFirst();
        if (current == null) {
            return Optional.empty();
        }
        long position = current.first.insertEnd();
        if (current.settled != null && reaches(position, current.settled.flushed())) {
            position = current.settled.flushed();
        }
        return Optional.of(current.first.history().token(position));
    }

    /**
     * Whether the primary is quiet while a replica has replayed about all that was flushed: what the bound waits for may
     * be log that nobody flushes until somebody commits.
     */
    synchronized boolean isWaitingForFlush(long position, long blockSize) {
        Epoch current = epochs.peekFirst();
        PrimarySample sample = newest;
        return current != null
                && sample != null
                && quiet
                && !reaches(position, current.first.insertEnd())
                && reaches(position + blockSize, sample.flushed());
    }

    /** Whether the replica is of another cluster, or ahead of a primary that was asked later: it follows another history. */
    synchronized boolean isDiverged(ReplicaState replica) {
        PrimarySample sample = newest;
        if (sample == null) {
            return false;
        }
        boolean ahead = sample.sentNanos() - replica.readAtNanos() >= 0 && isBehind(sample, replica.position());
        return ahead || replica.history().systemIdentifier() != sample.history().systemIdentifier();
    }

    private static boolean reaches(long position, long required) {
        return Long.compareUnsigned(position, required) >= 0;
    }

    private static boolean isBehind(PrimarySample sample, long position) {
        return !reaches(sample.insertEnd(), position);
    }
}
