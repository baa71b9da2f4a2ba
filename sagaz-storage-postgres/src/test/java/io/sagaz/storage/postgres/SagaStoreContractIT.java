package io.sagaz.storage.postgres;

import io.sagaz.storage.OutboxReads;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.SagaReads;
import io.sagaz.storage.SagaStatistics;
import io.sagaz.storage.SagaWrites;
import io.sagaz.storage.contract.SagaStoreContract;
import io.sagaz.storage.log.OutboxLog;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The store keeps the contract: one store and one schema for all of it. */
class SagaStoreContractIT extends SagaStoreContract {
    private static RoutingSagaStore store;

    @BeforeAll
    static void open() {
        store = Stand.store();
    }

    @AfterAll
    static void close() {
        store.close();
    }

    @Override
    protected SagaWrites writes() {
        return store;
    }

    @Override
    protected SagaReads reads() {
        return store.reads(ReadConsistency.strong());
    }

    @Override
    protected Optional<SagaStatistics> statistics() {
        return Optional.of(store.statistics(ReadConsistency.strong()));
    }

    @Override
    protected Optional<OutboxReads> outbox() {
        return Optional.of(store.outbox(ReadConsistency.strong()));
    }

    @Override
    protected Optional<OutboxLog> outboxLog() {
        return Optional.of(store.outboxLog());
    }
}
