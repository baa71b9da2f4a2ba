package io.sagaz.storage.log;

import io.sagaz.storage.StoreException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * An instance of a relay. For one thread at a time.
 *
 * <p>It {@linkplain #keep keeps} its shards alive well within each lease, reads {@linkplain #next batch after batch}, and
 * {@linkplain #acknowledge acknowledges} each in the order in which it was read, when every event of it is published, or is to be
 * parked or given up. Batches may be read ahead of that. Whoever is gone is followed by others, who begin behind what was
 * acknowledged last.
 *
 * <p>Every method blocks for a round trip or two, and throws a {@link StoreException} if the primary cannot be asked; nothing is
 * lost by that, and the call may be made again.
 */
public interface RelayMember {
    /** Who it is; another one for each {@link OutboxLog#join}. */
    UUID id();

    /**
     * Keeps its shards for another lease and takes, up to its share, those that nobody has. Called the first time to have any.
     *
     * @param release how many shards to give back, so that others take them; nothing that was read of them may be without an
     *     acknowledgement then
     * @throws io.sagaz.storage.PermanentStoreException if the relay is not {@linkplain OutboxLog#register registered}, or was
     *     removed
     */
    Shares keep(int release);

    /**
     * The next events of its shards; empty if there are none now.
     *
     * @param events how many at most, at least 1
     * @param bytes how large all their payloads may be about, as they are stored; one event comes however large it is
     */
    Optional<OutboxBatch> next(int events, long bytes);

    /** What became of an {@link #acknowledge acknowledgement}. */
    enum Acknowledgement {
        /** It is durable. */
        NOTED,
        /**
         * A shard of the batch belongs to somebody else by now, who publishes its events again. All batches that are not
         * acknowledged are void: {@link #keep}, and read on.
         */
        FENCED,
        /** The primary has crashed or changed since the batch was read. As for {@link #FENCED}. */
        CRASHED
    }

    /**
     * Says that a batch is published, but for some events.
     *
     * @param exceptions the events that are not
     */
    Acknowledgement acknowledge(OutboxBatch batch, List<Unpublished> exceptions);

    /** The keys of its shards that have parked events: what comes later of such a key has to be parked behind those. */
    List<ParkedKey> parkedKeys();

    /**
     * The first parked events of keys, in their order.
     *
     * @param each how many of each key at most
     */
    ParkedEvents parked(Collection<ParkedKey> keys, int each);

    /** Says what came of parked events; of those in shards that are not its own any more nothing is changed. */
    void settle(List<Settlement> settlements);

    /** Gives everything back, for others to take at once. */
    void leave();
}
