package io.sagaz.storage.log;

import io.sagaz.storage.OutboxDepth;
import io.sagaz.storage.StoreException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The log of events. Safe for threads. */
public interface OutboxLog {
    /** How many shards there are; an event is in the one that its key says. */
    int SHARDS = 64;

    /**
     * Makes a relay known: from then on events are kept until it has published them. One that is known is left as it is.
     *
     * @param relay its name, 1 to 255 characters; its instances share it
     * @return whether it was not known before
     * @throws IllegalArgumentException if an argument is null, or the name is blank or too long
     * @throws StoreException if the primary cannot be asked
     */
    boolean register(String relay, RelayStart start);

    /**
     * An instance of a relay, which has no shard yet. Asks nobody.
     *
     * @param relay the name of the relay
     * @param instance what people shall call the instance, for example its host
     * @param lease for how long it counts as alive after it was heard of, a second to an hour: others take its shards over then
     * @param source where events are read
     * @throws IllegalArgumentException if an argument is null or out of bounds
     */
    RelayMember join(String relay, String instance, Duration lease, EventSource source);

    /**
     * How far a relay is behind; empty if it is not registered. At most 5 seconds stale, and asked of a replica if one can be.
     *
     * @throws IllegalArgumentException if the name is null
     * @throws StoreException if no server can be asked
     */
    Optional<OutboxDepth> depth(String relay);

    /**
     * Who keeps the primary from removing dead rows, as it is now. A log without dead rows has nobody.
     *
     * @throws StoreException if the primary cannot be asked
     */
    default VacuumHorizon vacuumHorizon() {
        return new VacuumHorizon(List.of(), true);
    }

    /**
     * Has a listener called whenever there may be new events: after events were emitted and committed through this store, and,
     * if the store was told to {@code notifyRelays}, through others. It may be called too often, and for events that are written
     * in other ways it is not: who relies on hearing of each must look from time to time.
     *
     * @param listener called in the thread of whoever emitted; should return at once
     * @return ends it when closed
     * @throws IllegalArgumentException if it is null
     */
    Listening onAppend(Runnable listener);

    /** A listener that is called. */
    @FunctionalInterface
    interface Listening extends AutoCloseable {
        /** Ends it. May be called twice. */
        @Override
        void close();
    }
}
