package io.sagaz.storage.memory;

import io.sagaz.storage.OutboxReads;
import io.sagaz.storage.SagaReads;
import io.sagaz.storage.SagaStatistics;
import io.sagaz.storage.SagaWrites;
import io.sagaz.storage.contract.SagaStoreContract;
import io.sagaz.storage.log.OutboxLog;
import java.util.Optional;

class InMemorySagaStoreContractTest extends SagaStoreContract {
    private final InMemorySagaStore store = new InMemorySagaStore();

    @Override
    protected SagaWrites writes() {
        return store;
    }

    @Override
    protected SagaReads reads() {
        return store.reads();
    }

    @Override
    protected Optional<SagaStatistics> statistics() {
        return Optional.of(store.statistics());
    }

    @Override
    protected Optional<OutboxReads> outbox() {
        return Optional.of(store.outbox());
    }

    @Override
    protected Optional<OutboxLog> outboxLog() {
        return Optional.of(store.outboxLog());
    }
}
