package io.sagaz.storage.postgres.internal.sql;

import io.sagaz.storage.SagaId;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.UUID;

/**
 * Identifies one change of a saga: the identifier of the audit entry that is written with it. An entry is never changed, so
 * that its presence proves the change was committed, whatever has become of the saga since.
 *
 * @param value a UUID of version 7
 * @param createdAt the time in it
 */
record ChangeId(UUID value, Instant createdAt) {
    /** A new one for a change of this saga; not before the saga, whatever the clock of this host says. */
    static ChangeId next(SagaId saga) {
        Instant now = Instant.now();
        Instant time = now.isBefore(saga.createdAt()) ? saga.createdAt() : now;
        SagaId carrier = SagaId.next(Clock.fixed(time, ZoneOffset.UTC));
        return new ChangeId(carrier.value(), carrier.createdAt());
    }

    /** A new one for a saga that is not known yet. */
    static ChangeId now() {
        SagaId carrier = SagaId.next();
        return new ChangeId(carrier.value(), carrier.createdAt());
    }
}
