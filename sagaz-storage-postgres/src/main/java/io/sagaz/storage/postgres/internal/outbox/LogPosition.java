package io.sagaz.storage.postgres.internal.outbox;

import io.sagaz.storage.CausalToken;
import java.util.UUID;

/**
 * How far the log was at a moment.
 *
 * @param life of the primary since its last crash
 * @param lastSeq the highest number that was given to an event
 * @param snapshot which transactions were complete
 * @param nextTransaction the number of the transaction that began next. An event that has a number up to {@code lastSeq} is of a
 *     transaction below, and one of a transaction from here on has a higher number
 * @param token whoever reads at least this sees what the snapshot shows
 */
public record LogPosition(UUID life, long lastSeq, Snapshot snapshot, long nextTransaction, CausalToken token) {}
