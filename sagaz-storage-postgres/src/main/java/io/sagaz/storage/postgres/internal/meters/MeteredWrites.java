package io.sagaz.storage.postgres.internal.meters;

import io.sagaz.storage.AuditEntry;
import io.sagaz.storage.ChangeResult;
import io.sagaz.storage.ClaimRequest;
import io.sagaz.storage.ClaimedSaga;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaUpdate;
import io.sagaz.storage.SagaWrites;
import io.sagaz.storage.StartResult;
import java.util.List;

/** Times the writes of another. */
public final class MeteredWrites implements SagaWrites {
    private final SagaWrites writes;
    private final StoreMeters meters;

    /** Times these writes. */
    public MeteredWrites(SagaWrites writes, StoreMeters meters) {
        this.writes = writes;
        this.meters = meters;
    }

    @Override
    public StartResult start(NewSaga saga) {
        return meters.time("start", () -> writes.start(saga));
    }

    @Override
    public List<StartResult> startAll(List<NewSaga> sagas) {
        return meters.time("startAll", () -> writes.startAll(sagas));
    }

    @Override
    public List<ChangeResult> applyAll(List<SagaUpdate> updates) {
        return meters.time("applyAll", () -> writes.applyAll(updates));
    }

    @Override
    public boolean annotate(SagaId id, AuditEntry entry) {
        return meters.time("annotate", () -> writes.annotate(id, entry));
    }

    @Override
    public List<ClaimedSaga> claimAbandoned(ClaimRequest request) {
        return meters.time("claimAbandoned", () -> writes.claimAbandoned(request));
    }

    @Override
    public ChangeResult apply(SagaId id, long expectedVersion, SagaChange change) {
        return meters.time("apply", () -> writes.apply(id, expectedVersion, change));
    }

    @Override
    public void emit(List<OutboxEvent> events) {
        meters.time("emit", () -> {
            writes.emit(events);
            return true;
        });
    }
}
