package io.sagaz.outbox.contract;

import io.sagaz.outbox.InProcessPublisher;
import io.sagaz.outbox.OutgoingEvent;
import java.time.Duration;

/** A broker in memory for docs/outbox/publishers.md: what stands between the two marks stands there. */
final class InProcessExample {
    private InProcessExample() {}

    static InProcessPublisher run(OutgoingEvent event) {
        // begin
        InProcessPublisher broker = new InProcessPublisher();
        publish(broker, event); // as a relay does
        broker.awaitCount(1, Duration.ofSeconds(10)); // waits for a condition, does not sleep

        broker.goDown(); // fails with BrokerUnavailableException until comeBack()
        broker.refuse(each -> each.event().topic().equals("broken")); // fails as an event that is not taken
        broker.hold(); // takes events and acknowledges none before release()
        // end
        return broker;
    }

    private static void publish(InProcessPublisher broker, OutgoingEvent event) {
        new Thread(() -> broker.publish(event)).start();
    }
}
