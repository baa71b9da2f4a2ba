package io.sagaz.storage.log;

import io.sagaz.storage.CausalToken;
import java.util.List;

/**
 * Parked events.
 *
 * @param attempts the events, those of each key in their order
 * @param token whoever reads at least this sees what the transactions of these events have written
 */
public record ParkedEvents(List<ParkedAttempt> attempts, CausalToken token) {
    /** Copies the list. */
    public ParkedEvents {
        attempts = List.copyOf(attempts);
    }
}
