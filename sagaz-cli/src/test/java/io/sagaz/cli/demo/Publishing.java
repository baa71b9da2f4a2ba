package io.sagaz.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.log.EventSource;
import io.sagaz.storage.log.OutboxBatch;
import io.sagaz.storage.log.OutboxLog;
import io.sagaz.storage.log.RelayMember;
import io.sagaz.storage.log.RelayStart;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** A relay whose broker is a list. */
final class Publishing {
    private static final String RELAY = "broker";
    private static final int EVENTS = 50;
    private static final long BYTES = 1L << 20;

    private Publishing() {}

    /** Publishes a batch after the other, so many at most, and leaves; the identifiers of the events, in their order. */
    static List<UUID> batches(OutboxLog log, int most) {
        log.register(RELAY, RelayStart.beginning());
        RelayMember member = log.join(RELAY, "one", Duration.ofMinutes(1), EventSource.PRIMARY);
        member.keep(0);
        List<UUID> published = new ArrayList<>();
        for (int i = 0; i < most; i++) {
            Optional<OutboxBatch> batch = member.next(EVENTS, BYTES);
            if (batch.isEmpty()) {
                break;
            }
            batch.get().events().forEach(event -> published.add(event.event().id()));
            assertThat(member.acknowledge(batch.get(), List.of())).isEqualTo(RelayMember.Acknowledgement.NOTED);
        }
        member.leave();
        return published;
    }

    /** Publishes all that there is. */
    static List<UUID> all(OutboxLog log) {
        return batches(log, Integer.MAX_VALUE);
    }
}
