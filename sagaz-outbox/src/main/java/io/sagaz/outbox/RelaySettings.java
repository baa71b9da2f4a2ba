package io.sagaz.outbox;

import io.sagaz.storage.CrashPoints;
import io.sagaz.storage.log.EventSource;
import io.sagaz.storage.log.RelayStart;
import java.time.Duration;

/** How a relay works; see {@link OutboxRelay.Builder}. */
record RelaySettings(
        String relay,
        String instance,
        RelayStart start,
        EventSource source,
        Duration lease,
        int batchEvents,
        long batchBytes,
        Duration pollInterval,
        Duration publishTimeout,
        Duration drainTimeout,
        RetryPolicy retries,
        CrashPoints crashPoints) {}
