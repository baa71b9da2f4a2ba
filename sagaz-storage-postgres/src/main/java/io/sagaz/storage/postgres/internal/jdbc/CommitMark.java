package io.sagaz.storage.postgres.internal.jdbc;

import java.time.Instant;
import java.util.UUID;

/**
 * What a write of the store leaves in a transaction, by which can be told later whether that was committed.
 *
 * @param kind which table has the row
 * @param id the identifier of the row
 * @param createdAt its time
 * @param transaction the transaction's id, as text
 * @param timeline the timeline of the server at that time
 */
public record CommitMark(Kind kind, UUID id, Instant createdAt, String transaction, String timeline) {
    /** Where a mark is. */
    public enum Kind {
        /** An entry of the audit log. */
        CHANGE,
        /** An event of the outbox. */
        EVENT
    }
}
