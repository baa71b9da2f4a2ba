package io.sagaz.storage.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.StoredEvent;
import io.sagaz.storage.log.EventSource;
import io.sagaz.storage.log.OutboxBatch;
import io.sagaz.storage.log.OutboxLog;
import io.sagaz.storage.log.RelayMember;
import io.sagaz.storage.log.RelayStart;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What has come into the outbox since a moment, as a relay of its own reads it. */
final class Tape {
    private static final long MUCH = 1L << 30;

    private final OutboxLog log;
    private final String relay = Promises.newName();

    private Tape(OutboxLog log) {
        this.log = log;
    }

    /** Begins now. */
    static Tape begin(OutboxLog log) {
        Tape tape = new Tape(log);
        log.register(tape.relay, RelayStart.now());
        return tape;
    }

    /** All events since then; acknowledges none, so that they are there the next time too. */
    List<StoredEvent> read() {
        RelayMember member = log.join(relay, "tape", Duration.ofMinutes(1), EventSource.PRIMARY);
        assertThat(member.keep(0).shards()).as("shards of the only member").isEqualTo(OutboxLog.SHARDS);
        List<StoredEvent> events = new ArrayList<>();
        Optional<OutboxBatch> batch = member.next(1_000, MUCH);
        while (batch.isPresent()) {
            batch.get().events().forEach(event -> events.add(event.event()));
            batch = member.next(1_000, MUCH);
        }
        member.leave();
        return events;
    }
}
