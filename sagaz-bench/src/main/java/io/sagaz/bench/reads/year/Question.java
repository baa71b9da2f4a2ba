package io.sagaz.bench.reads.year;

import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaReads;
import java.time.Instant;

/**
 * What a dashboard is about.
 *
 * @param reads of the store
 * @param from when its span begins
 * @param before when it ends
 * @param saga one of the youngest
 * @param name the kind of that
 * @param key with which that was started
 */
record Question(SagaReads reads, Instant from, Instant before, SagaId saga, String name, String key) {
    /** All of the span. */
    SagaFilter all() {
        return SagaFilter.all().createdFrom(from);
    }

    /** Of one kind. */
    SagaFilter ofName() {
        return SagaFilter.named(name).createdFrom(from);
    }
}
