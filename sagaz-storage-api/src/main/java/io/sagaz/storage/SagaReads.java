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
