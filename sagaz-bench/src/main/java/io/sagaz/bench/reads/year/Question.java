package io.sagaz.bench.reads.year;

import io.sagaz.storage.OutboxReads;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaReads;
import io.sagaz.storage.SagaStatistics;
import io.sagaz.storage.TimeSpan;
import io.sagaz.storage.postgres.RoutingSagaStore;
import java.time.Duration;

/**
 * What a dashboard is about.
 *
 * @param store that is asked
 * @param span of time
 * @param saga one of the youngest
 * @param name the kind of that
 * @param key with which that was started
 */
record Question(RoutingSagaStore store, TimeSpan span, SagaId saga, String name, String key) {
    /** How many intervals a picture has. */
    private static final int INTERVALS = 100;

    SagaReads reads() {
        return store.reads(ReadConsistency.any());
    }

    SagaStatistics statistics() {
        return store.statistics(ReadConsistency.any());
    }

    OutboxReads outbox() {
        return store.outbox(ReadConsistency.any());
    }

    /** All of the span. */
    SagaFilter all() {
        return SagaFilter.all().createdFrom(span.from());
    }

    /** Of one kind. */
    SagaFilter ofName() {
        return SagaFilter.named(name).createdFrom(span.from());
    }

    /** What the span of a picture is divided into. */
    Duration interval() {
        return span.length().dividedBy(INTERVALS);
    }
}
