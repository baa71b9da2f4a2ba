package io.sagaz.storage.memory;

import io.sagaz.storage.AuditEntry;
import io.sagaz.storage.ChangeResult;
import io.sagaz.storage.ClaimRequest;
import io.sagaz.storage.ClaimedSaga;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.OutboxReads;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaReads;
import io.sagaz.storage.SagaStatistics;
import io.sagaz.storage.SagaUpdate;
import io.sagaz.storage.SagaWrites;
import io.sagaz.storage.StartResult;
import io.sagaz.storage.log.OutboxLog;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A saga store in memory, for unit tests that need no database. What it answers is what the store on PostgreSQL answers: both pass
 * the same contract ({@code sagaz-storage-contract}). A real relay runs on its {@link #outboxLog()}.
 *
 * <p>What it does not do: keep anything beyond its own life; transactions with other data ({@code inTransaction}, {@code join}),
 * so that each call commits by itself; the inbox of consumers; what operators do about relays; limits on the size of documents;
 * partitions and the retention that comes with them. It has one copy of everything, so that reads are never stale, causal tokens
 * say nothing, and no call ever waits for or fails with a server: nothing that depends on that is tested with it.
 *
 * <p>Safe for threads; no call blocks for longer than another one takes. Lists look through everything: it is made for some
 * thousands of sagas.
 *
 * <pre>{@code
 * InMemorySagaStore store = new InMemorySagaStore();
 * OrderService service = new OrderService(store, store.reads()); // takes SagaWrites and SagaReads
 * }</pre>
 */
public final class InMemorySagaStore implements SagaWrites {
    private final Tables tables;
    private final Relays relays;
    private final SagaWrites writes;

    /** An empty store that goes by the system's clock. */
    public InMemorySagaStore() {
        this(Clock.systemUTC());
    }

    /**
     * An empty store that goes by a clock: leases, and the times of changes and audit entries. Identifiers of sagas and events
     * carry the time of the system's clock all the same, unless a saga was given one by {@link SagaId#next(Clock)}.
     *
     * @param clock may be moved by the test, forwards or backwards
     * @throws IllegalArgumentException if it is null
     */
    public InMemorySagaStore(Clock clock) {
        tables = new Tables(Checks.present("clock", clock));
        Listeners listeners = new Listeners();
        relays = new Relays(tables, listeners, ThreadLocalRandom.current().nextLong());
        writes = new Writes(tables, listeners);
    }

    @Override
    public StartResult start(NewSaga saga) {
        return writes.start(saga);
    }

    @Override
    public List<StartResult> startAll(List<NewSaga> sagas) {
        return writes.startAll(sagas);
    }

    @Override
    public ChangeResult apply(SagaId id, long expectedVersion, SagaChange change) {
        return writes.apply(id, expectedVersion, change);
    }

    @Override
    public List<ChangeResult> applyAll(List<SagaUpdate> updates) {
        return writes.applyAll(updates);
    }

    @Override
    public boolean annotate(SagaId id, AuditEntry entry) {
        return writes.annotate(id, entry);
    }

    @Override
    public List<ClaimedSaga> claimAbandoned(ClaimRequest request) {
        return writes.claimAbandoned(request);
    }

    @Override
    public void emit(List<OutboxEvent> events) {
        writes.emit(events);
    }

    /** Reads what is there now. The object may be kept and shared between threads. */
    public SagaReads reads() {
        return new Reads(tables);
    }

    /** Statistics of what is there now. There are no partitions. The object may be kept and shared between threads. */
    public SagaStatistics statistics() {
        return new Statistics(tables, Optional.empty());
    }

    /** Looks at the outbox. The object may be kept and shared between threads. */
    public OutboxReads outbox() {
        return new OutboxView(tables, relays);
    }

    /** The outbox as relays see it. The object may be kept and shared between threads. */
    public OutboxLog outboxLog() {
        return relays;
    }
}
