package io.sagaz.storage.postgres.internal.route;

import io.sagaz.storage.AuditRecord;
import io.sagaz.storage.Page;
import io.sagaz.storage.PageRequest;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.ReadResult;
import io.sagaz.storage.Saga;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaReads;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.SagaSummary;
import io.sagaz.storage.StoredEvent;
import io.sagaz.storage.postgres.internal.sql.Arguments;
import io.sagaz.storage.postgres.internal.sql.InterruptedDelivery;
import io.sagaz.storage.postgres.internal.sql.SqlReads;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The reads of the store under one consistency. Safe for threads. */
final class RoutedReads implements SagaReads {
    private final ReadPath path;
    private final SqlReads sql;
    private final ReadConsistency consistency;

    RoutedReads(ReadPath path, SqlReads sql, ReadConsistency consistency) {
        this.path = path;
        this.sql = sql;
        this.consistency = Arguments.present("consistency", consistency);
    }

    @Override
    public ReadResult<Optional<Saga>> find(SagaId id) {
        Arguments.present("id", id);
        return path.read("find", consistency, connection -> sql.sagas().find(connection, id));
    }

    @Override
    public ReadResult<Optional<Saga>> find(SagaId id, long version) {
        Arguments.present("id", id);
        if (version < 1) {
            throw new IllegalArgumentException("version must be at least 1 but is " + version);
        }
        return path.read(
                "find",
                consistency,
                connection -> sql.sagas().find(connection, id),
                saga -> saga.filter(found -> found.version() >= version).isPresent());
    }

    @Override
    public ReadResult<Optional<Saga>> findByKey(String name, String idempotencyKey) {
        Arguments.present("name", name);
        Arguments.present("idempotencyKey", idempotencyKey);
        return path.read(
                "findByKey", consistency, connection -> sql.sagas().findByKey(connection, name, idempotencyKey));
    }

    @Override
    public ReadResult<Page<SagaSummary>> list(SagaFilter filter, PageRequest page) {
        Arguments.present("filter", filter);
        Arguments.present("page", page);
        return path.read("list", consistency, connection -> sql.sagas().list(connection, filter, page));
    }

    @Override
    public ReadResult<Map<SagaStatus, Long>> countByStatus(SagaFilter filter) {
        Arguments.present("filter", filter);
        return path.read("count", consistency, connection -> sql.sagas().countByStatus(connection, filter));
    }

    @Override
    public ReadResult<Long> forEach(SagaFilter filter, Consumer<? super SagaSummary> consumer) {
        Arguments.present("filter", filter);
        Arguments.present("consumer", consumer);
        try {
            return path.read("forEach", consistency, connection -> sql.sagas().forEach(connection, filter, consumer));
        } catch (InterruptedDelivery e) {
            throw e.<RuntimeException>rethrow();
        }
    }

    @Override
    public ReadResult<Page<AuditRecord>> auditTrail(SagaId id, PageRequest page) {
        Arguments.present("id", id);
        Arguments.present("page", page);
        return path.read("auditTrail", consistency, connection -> sql.history().auditTrail(connection, id, page));
    }

    @Override
    public ReadResult<Page<StoredEvent>> events(SagaId id, PageRequest page) {
        Arguments.present("id", id);
        Arguments.present("page", page);
        return path.read("events", consistency, connection -> sql.history().events(connection, id, page));
    }
}
