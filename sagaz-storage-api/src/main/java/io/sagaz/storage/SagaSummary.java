package io.sagaz.storage;

import java.time.Instant;
import java.util.Optional;

/**
 * The head of a saga, without its data, as it was when it was read.
 *
 * @param id its identifier
 * @param name the name of the kind of saga
 * @param status where it stands
 * @param version counts its changes, from 1
 * @param updatedAt when it was last changed, by the clock of the primary
 * @param completedAt when it was finished, by the clock of the primary
 * @param owner who had the last {@link Lease}; empty if nobody had one, and of what is finished
 * @param leasedUntil when that lease ends, or has ended, by the clock of the primary
 */
public record SagaSummary(
        SagaId id,
        String name,
        SagaStatus status,
        long version,
        Instant updatedAt,
        Optional<Instant> completedAt,
        Optional<String> owner,
        Optional<Instant> leasedUntil) {}
