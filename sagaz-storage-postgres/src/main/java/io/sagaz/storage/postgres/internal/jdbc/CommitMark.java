package io.sagaz.storage.postgres.internal.jdbc;

import java.time.Instant;
import java.util.UUID;

/**
 * What a write of the store leaves in a transaction, by which can be told later whether that was committed.
 *
 * @param row the row that was written
 * @param transaction the transaction's id, as text
 * @param timeline the timeline of the server at that time
 */
public record CommitMark(Row row, String transaction, String timeline) {
    /** A row that is there if the transaction was committed. */
    public sealed interface Row {}

    /**
     * An entry of the audit log.
     *
     * @param id its identifier, which nobody else writes
     * @param createdAt its time
     */
    public record Entry(UUID id, Instant createdAt) implements Row {}

    /**
     * An event of the outbox.
     *
     * @param id its identifier
     * @param createdAt its time
     */
    public record Event(UUID id, Instant createdAt) implements Row {}

    /**
     * An event in the inbox of a consumer.
     *
     * @param consumer whose inbox
     * @param event the event
     */
    public record Received(String consumer, UUID event) implements Row {}
}
