package io.sagaz.storage.postgres;

import io.sagaz.storage.InboxDelivery;
import io.sagaz.storage.InboxResult;
import io.sagaz.storage.OutboxEvent;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** A consumer of events, for docs/outbox/inbox.md: what stands between the two marks stands there. */
final class InboxExample {
    /** What a client of a broker hands over. */
    record Message(UUID id, String topic, String type, Map<String, String> headers, String order) {}

    private InboxExample() {}

    static InboxResult run(RoutingSagaStore store, Message message) throws SQLException {
        // begin
        ConsumerInbox inbox = store.inbox("billing"); // one name for all instances, for ever

        InboxDelivery delivery = InboxDelivery.of(message.id()) // the same at each delivery of the event
                .topic(message.topic())
                .type(message.type())
                .headers(message.headers()); // takes the causal token along, if there is one
        InboxResult result = inbox.process(delivery, tx -> {
            try (PreparedStatement insert = tx.connection().prepareStatement("INSERT INTO invoices VALUES (?)")) {
                insert.setString(1, message.order());
                insert.executeUpdate();
            }
            tx.emit(List.of(OutboxEvent.to("invoices").key(message.order()).json("{\"billed\": true}")));
            return Optional.of("{\"invoice\": 1}"); // what later deliveries are answered with; may be empty
        });
        // Processed, now; or a Duplicate, with the result of the first time. Both: tell the broker that it is done.
        // end
        return result;
    }
}
