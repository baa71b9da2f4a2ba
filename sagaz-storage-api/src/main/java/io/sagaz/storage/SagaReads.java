package io.sagaz.storage;

import java.util.Map;
import java.util.Optional;

/**
 * Reads sagas, each time with a {@linkplain ReadReceipt receipt} of how fresh the answer is.
 *
 * <p>Each call sees one consistent state of one server. Two calls may see different states, and the second may see the
 * older one if they are answered by different servers.
 */
public interface SagaReads {
    /**
     * One saga with its steps.
     *
     * @throws IllegalArgumentException if {@code id} is null
     * @throws StoreException if no server could answer under the stated freshness; its kind says what to do
     */
    ReadResult<Optional<Saga>> find(SagaId id);

    /**
     * One saga with its steps, in a version that is known or a later one. The answer proves itself: that of a replica counts
     * only if it is that far, else the primary is asked. So whoever was told a version, by {@link ChangeResult.Applied} or by a
     * message, reads what was written with it, however little freshness is asked for beside.
     *
     * <p>An answer of the primary may be of an earlier version, or empty, if there is no such version: a failover may have lost
     * it. While two servers are primaries, each has versions of its own; a bound on the staleness keeps replicas of the other one
     * from answering, {@link ReadConsistency#any()} does not.
     *
     * @param version as the writer was told it, from 1
     * @throws IllegalArgumentException if {@code id} is null or {@code version} less than 1
     * @throws StoreException if no server could answer under the stated freshness; its kind says what to do
     */
    ReadResult<Optional<Saga>> find(SagaId id, long version);

    /**
     * The saga that was started with an idempotency key, with its steps. Keys are kept as long as their sagas.
     *
     * @param name the saga's
     * @param idempotencyKey as it was given to {@link NewSaga#idempotencyKey(String)}
     * @throws IllegalArgumentException if an argument is null
     * @throws StoreException if no server could answer under the stated freshness; its kind says what to do
     */
    ReadResult<Optional<Saga>> findByKey(String name, String idempotencyKey);

    /**
     * Sagas, the newest first.
     *
     * @throws IllegalArgumentException if an argument is null
     * @throws StoreException if no server could answer under the stated freshness; its kind says what to do
     */
    ReadResult<Page<SagaSummary>> list(SagaFilter filter, PageRequest page);

    /**
     * The number of sagas of each status, every status being a key of the map.
     *
     * @throws IllegalArgumentException if {@code filter} is null
     * @throws StoreException if no server could answer under the stated freshness; its kind says what to do
     */
    ReadResult<Map<SagaStatus, Long>> countByStatus(SagaFilter filter);
}
