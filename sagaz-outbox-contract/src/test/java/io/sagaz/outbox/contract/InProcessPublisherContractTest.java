package io.sagaz.outbox.contract;

import io.sagaz.outbox.CloudEventAttributes;
import io.sagaz.outbox.EventPublisher;
import io.sagaz.outbox.InProcessPublisher;
import io.sagaz.outbox.OutgoingEvent;
import io.sagaz.storage.EventPayload;
import io.sagaz.storage.OutboxEvent;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

class InProcessPublisherContractTest extends EventPublisherContract {
    private static final AtomicInteger TOPICS = new AtomicInteger();
    private static final String REFUSED = "refused";

    /** The broker is the publisher, so there is one for all that a test asks for. */
    private final InProcessPublisher broker = new InProcessPublisher();

    @Override
    protected EventPublisher newPublisher() {
        broker.refuse(event -> event.event().topic().equals(REFUSED));
        return broker;
    }

    @Override
    protected String newTopic() {
        return "topic-" + TOPICS.incrementAndGet();
    }

    /** What is acknowledged is there, so nothing is to be waited for. */
    @Override
    protected List<Arrival> read(String topic, int atLeast) {
        return broker.published(topic).stream().map(this::arrival).toList();
    }

    /** Nothing is put into headers in this process; this shows it as a binding would. */
    private Arrival arrival(OutgoingEvent outgoing) {
        Map<String, String> headers = CloudEventAttributes.headers(outgoing, source(), attributePrefix());
        return new Arrival(
                outgoing.event().id().toString(),
                outgoing.orderingKey(),
                new EventPayload.Bytes(
                        outgoing.payloadBytes(), outgoing.event().payload().contentType()),
                headers);
    }

    @Override
    protected String attributePrefix() {
        return "ce_";
    }

    @Override
    protected Optional<BrokerSwitch> crash() {
        return Optional.of(new BrokerSwitch() {
            @Override
            public void takeDown() {
                broker.goDown();
            }

            @Override
            public void bringBack() {
                broker.comeBack();
            }
        });
    }

    @Override
    protected Optional<OutgoingEvent> impossible() {
        return Optional.of(outgoing(OutboxEvent.to(REFUSED).key("42").json("{}")));
    }

    @Override
    protected Duration failsWithin() {
        return Duration.ofSeconds(10);
    }

    @Override
    protected Duration blocksFor() {
        return Duration.ofSeconds(10);
    }
}
