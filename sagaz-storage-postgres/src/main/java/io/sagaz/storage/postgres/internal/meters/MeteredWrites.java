package io.sagaz.storage.postgres.internal.meters;

import io.sagaz.storage.ChangeResult;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaId;
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
