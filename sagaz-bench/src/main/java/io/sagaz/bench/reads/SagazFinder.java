package io.sagaz.bench.reads;

import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.ReadResult;
import io.sagaz.storage.Saga;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaReads;
import io.sagaz.storage.postgres.RoutingSagaStore;
import java.time.Duration;
import java.util.Optional;

/** Sagaz, under one consistency. */
final class SagazFinder implements Finder {
    private final RoutingSagaStore store;
    private final SagaReads reads;

    /** Takes the store over. */
    SagazFinder(RoutingSagaStore store, ReadConsistency consistency) {
        this.store = store;
        reads = store.reads(consistency);
    }

    @Override
    public Found find(SagaId id) {
        return found(reads.find(id));
    }

    static Found found(ReadResult<Optional<Saga>> result) {
        return Found.of(
                result.value(),
                new Word(
                        true,
                        result.receipt().staleness().map(Duration::toNanos).orElse(Long.MAX_VALUE)));
    }

    @Override
    public void close() {
        store.close();
    }
}
