package io.sagaz.storage.postgres.internal.route;

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
import org.jspecify.annotations.Nullable;

/** Notes which sagas the writes of another have written, or may have written if they failed, and that they emitted events. */
public final class RecordedWrites implements SagaWrites {
    /** Is told of what was written, afterwards. */
    public interface Journal {
        /** A saga was written, or may have been. */
        void wrote(SagaId id);

        /** A saga was started with this key, or may have been. */
        void wrote(String name, String idempotencyKey);

        /** Events were emitted, or may have been. */
        void emitted();
    }

    private final SagaWrites writes;
    private final Journal journal;

    /** Notes what these writes do. */
    public RecordedWrites(SagaWrites writes, Journal journal) {
        this.writes = writes;
        this.journal = journal;
    }

    @Override
    public StartResult start(NewSaga saga) {
        try {
            StartResult result = writes.start(saga);
            journal.wrote(result.id());
            return result;
        } finally {
            note(saga);
        }
    }

    @Override
    public List<StartResult> startAll(List<NewSaga> sagas) {
        try {
            List<StartResult> results = writes.startAll(sagas);
            results.forEach(result -> journal.wrote(result.id()));
            return results;
        } finally {
            if (sagas != null) {
                sagas.forEach(this::note);
            }
        }
    }

    @Override
    public ChangeResult apply(SagaId id, long expectedVersion, SagaChange change) {
        try {
            return writes.apply(id, expectedVersion, change);
        } finally {
            note(id);
            note(change);
        }
    }

    @Override
    public List<ChangeResult> applyAll(List<SagaUpdate> updates) {
        try {
            return writes.applyAll(updates);
        } finally {
            if (updates != null) {
                updates.stream().filter(update -> update != null).forEach(update -> {
                    note(update.id());
                    note(update.change());
                });
            }
        }
    }

    @Override
    public boolean annotate(SagaId id, AuditEntry entry) {
        try {
            return writes.annotate(id, entry);
        } finally {
            note(id);
        }
    }

    @Override
    public List<ClaimedSaga> claimAbandoned(ClaimRequest request) {
        List<ClaimedSaga> claimed = writes.claimAbandoned(request);
        claimed.forEach(saga -> note(saga.id()));
        return claimed;
    }

    @Override
    public void emit(List<OutboxEvent> events) {
        try {
            writes.emit(events);
        } finally {
            journal.emitted();
        }
    }

    // Arguments may be null here: who is called refuses them.

    private void note(@Nullable SagaId id) {
        if (id != null) {
            journal.wrote(id);
        }
    }

    private void note(@Nullable SagaChange change) {
        if (change != null && !change.events().isEmpty()) {
            journal.emitted();
        }
    }

    private void note(@Nullable NewSaga saga) {
        if (saga != null) {
            journal.wrote(saga.id());
            saga.idempotencyKey().ifPresent(key -> journal.wrote(saga.name(), key));
            if (!saga.events().isEmpty()) {
                journal.emitted();
            }
        }
    }
}
