package io.sagaz.storage.memory;

import io.sagaz.storage.AuditRecord;
import io.sagaz.storage.Page;
import io.sagaz.storage.PageRequest;
import io.sagaz.storage.ReadResult;
import io.sagaz.storage.Saga;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaReads;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.SagaSummary;
import io.sagaz.storage.StoredEvent;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Reads that do as others do, but for what a test makes of them. */
abstract class ForwardingReads implements SagaReads {
    private final SagaReads good;

    ForwardingReads(SagaReads good) {
        this.good = good;
    }

    @Override
    public ReadResult<Optional<Saga>> find(SagaId id) {
        return good.find(id);
    }

    @Override
    public ReadResult<Optional<Saga>> find(SagaId id, long version) {
        return good.find(id, version);
    }

    @Override
    public ReadResult<Optional<Saga>> findByKey(String name, String idempotencyKey) {
        return good.findByKey(name, idempotencyKey);
    }

    @Override
    public ReadResult<Page<SagaSummary>> list(SagaFilter filter, PageRequest page) {
        return good.list(filter, page);
    }

    @Override
    public ReadResult<Map<SagaStatus, Long>> countByStatus(SagaFilter filter) {
        return good.countByStatus(filter);
    }

    @Override
    public ReadResult<Long> forEach(SagaFilter filter, Consumer<? super SagaSummary> consumer) {
        return good.forEach(filter, consumer);
    }

    @Override
    public ReadResult<Page<AuditRecord>> auditTrail(SagaId id, PageRequest page) {
        return good.auditTrail(id, page);
    }

    @Override
    public ReadResult<Page<StoredEvent>> events(SagaId id, PageRequest page) {
        return good.events(id, page);
    }
}
