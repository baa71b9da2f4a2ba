package io.sagaz.storage.memory;

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

/** Writes that do as others do, but for what a test makes of them. */
abstract class ForwardingWrites implements SagaWrites {
    private final SagaWrites good;

    ForwardingWrites(SagaWrites good) {
        this.good = good;
    }

    @Override
    public StartResult start(NewSaga saga) {
        return good.start(saga);
    }

    @Override
    public List<StartResult> startAll(List<NewSaga> sagas) {
        return good.startAll(sagas);
    }

    @Override
    public ChangeResult apply(SagaId id, long expectedVersion, SagaChange change) {
        return good.apply(id, expectedVersion, change);
    }

    @Override
    public List<ChangeResult> applyAll(List<SagaUpdate> updates) {
        return good.applyAll(updates);
    }

    @Override
    public boolean annotate(SagaId id, AuditEntry entry) {
        return good.annotate(id, entry);
    }

    @Override
    public List<ClaimedSaga> claimAbandoned(ClaimRequest request) {
        return good.claimAbandoned(request);
    }

    @Override
    public void emit(List<OutboxEvent> events) {
        good.emit(events);
    }
}
