package io.sagaz.storage;

import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

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

    /**
     * Shows each saga of a filter to a consumer: for exports of any size. Rows come from the server a thousand at a time, in
     * one statement, so that the memory that this takes does not grow with their number, and all of them are of one moment.
     * They come in no particular order: an order would make the server sort them all before the first one.
     *
     * <p>The consumer is called by the calling thread. Meanwhile the read holds its connection, a transaction that only reads,
     * and, where it went to the primary for want of a replica, one of the few places for such reads: a slow consumer is slow
     * on their account. An old snapshot on a server keeps its dead rows; of a replica it may delay the replay, or be
     * cancelled because of it ({@code max_standby_streaming_delay}).
     *
     * <p>Until the first saga was shown a failure sends the read elsewhere, as that of any other. After that nothing is shown
     * again: the exception says how many sagas were shown before, and which of them is not known to this call. Whoever wants
     * all begins anew, from nothing or with a narrower range of creation times. What the consumer throws ends the read and
     * comes out as it is.
     *
     * @return how many sagas were shown. The receipt is of the moment at which the read began
     * @throws IllegalArgumentException if an argument is null
     * @throws StoreException if no server could answer under the stated freshness, or one failed in the middle; its kind says
     *     what to do
     */
    ReadResult<Long> forEach(SagaFilter filter, Consumer<? super SagaSummary> consumer);

    /**
     * What the audit log tells of a saga, the oldest entry first. Times are those of the clocks of the entries' authors; entries
     * of one millisecond are in the order of their identifiers. Entries that are more than a day older than the saga are
     * not found.
     *
     * @return a page without entries if there is no such saga
     * @throws IllegalArgumentException if an argument is null, or the page is not one of a trail
     * @throws StoreException if no server could answer under the stated freshness; its kind says what to do
     */
    ReadResult<Page<AuditRecord>> auditTrail(SagaId id, PageRequest page);

    /**
     * The events of a saga in the order in which they were emitted, published or not. Finds them without an index that would
     * make each event dearer to write: some milliseconds for each day since the saga was made. Events that were made more
     * than a day before the saga are not found, and none that are older than events are kept.
     *
     * @param page of events with their payloads: the larger those, the smaller a page should be
     * @throws IllegalArgumentException if an argument is null, or the page is not one of events
     * @throws StoreException if no server could answer under the stated freshness; its kind says what to do
     */
    ReadResult<Page<StoredEvent>> events(SagaId id, PageRequest page);
}
