package io.sagaz.storage;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A relay that is registered: each publishes all events, and they are kept until each has.
 *
 * @param name the name of the relay, which its instances share
 * @param registeredAt since when it is known
 * @param seemsGone whether none of its instances was at work within the last 5 minutes, by the clock of the database
 * @param depth how far behind it is, and when an instance of it was at work last
 * @param neededFrom the time of the oldest event that it still needs: not published, parked or a dead letter; empty if there is
 *     none
 * @param keptPartitions the partitions of {@code saga_outbox} that have expired and cannot go because of this relay
 */
public record RelayStatus(
        String name,
        Instant registeredAt,
        boolean seemsGone,
        OutboxDepth depth,
        Optional<Instant> neededFrom,
        List<String> keptPartitions) {
    /** Copies the list. */
    public RelayStatus {
        keptPartitions = List.copyOf(keptPartitions);
    }
}
