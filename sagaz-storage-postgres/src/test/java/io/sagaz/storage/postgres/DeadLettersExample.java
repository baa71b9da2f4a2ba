package io.sagaz.storage.postgres;

import io.sagaz.storage.DeadLetter;
import io.sagaz.storage.FailedEventFilter;
import io.sagaz.storage.OutboxAdmin;
import io.sagaz.storage.PageRequest;
import io.sagaz.storage.RelayStatus;
import io.sagaz.storage.Resent;
import java.util.ArrayList;
import java.util.List;

/** What operators do, for docs/outbox/dead-letters.md: what stands between the two marks stands there. */
final class DeadLettersExample {
    private final List<String> reported = new ArrayList<>();

    List<String> run(RoutingSagaStore store) {
        // begin
        OutboxAdmin admin = store.outboxAdmin();
        admin.relays().stream().filter(RelayStatus::seemsGone).forEach(relay -> report(relay.name()));

        PageRequest newest = PageRequest.first(50);
        for (DeadLetter letter :
                store.outbox().deadLetters("kafka", newest).value().items()) {
            report(letter.error().orElse("?"));
            admin.event(letter.eventId()).ifPresent(event -> report(event.topic())); // with its payload
        }

        FailedEventFilter timeouts = FailedEventFilter.all().topic("orders").errorContains("timeout");
        Resent sent = admin.resend("kafka", timeouts, 10_000); // in the order of the events, a thousand at a time
        long gone = admin.discard("kafka", FailedEventFilter.all().type("OrderDrafted"), 10_000);
        admin.retryAllNow("kafka"); // the broker is back: let no pause go on
        // end
        report(sent + " " + gone);
        return reported;
    }

    /** How many letters whichever server answers has. */
    int lettersSeen(RoutingSagaStore store) {
        return store.outbox()
                .deadLetters("kafka", PageRequest.first(50))
                .value()
                .items()
                .size();
    }

    private void report(String what) {
        reported.add(what);
    }
}
