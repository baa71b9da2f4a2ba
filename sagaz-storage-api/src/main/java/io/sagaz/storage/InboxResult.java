package io.sagaz.storage;

import java.time.Instant;
import java.util.Optional;

/** What became of a delivery. */
public sealed interface InboxResult {
    /** What the handler gave back when it handled the event, now or the first time: JSON text, if it gave any. */
    Optional<String> result();

    /**
     * This delivery was handled.
     *
     * @param result what the handler gave back
     */
    record Processed(Optional<String> result) implements InboxResult {}

    /**
     * The event was handled before; the handler was not called, and nothing was written.
     *
     * @param processedAt when it was handled, by the clock of the database
     * @param result what the handler gave back then, as {@code jsonb} shows it
     */
    record Duplicate(Instant processedAt, Optional<String> result) implements InboxResult {}
}
