package io.sagaz.storage;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * What stands in the audit log: an {@link AuditEntry} that was written, or one that the store itself wrote.
 *
 * @param id its identifier, a UUID of version 7
 * @param createdAt the time in the identifier, by the clock of its author
 * @param saga the saga that it tells of
 * @param version the version of the saga after what happened; empty if that was not told
 * @param type what happened
 * @param step the step it happened to
 * @param actor who did it
 * @param data what else is to be known, as JSON text
 */
public record AuditRecord(
        UUID id,
        Instant createdAt,
        SagaId saga,
        Optional<Long> version,
        String type,
        Optional<String> step,
        Optional<String> actor,
        String data) {
    /** Everything but the data. */
    @Override
    public String toString() {
        return "AuditRecord[" + id + ", saga=" + saga + ", type=" + type + ", step=" + step.orElse("-") + ", actor="
                + actor.orElse("-") + "]";
    }
}
