package io.sagaz.outbox.rabbitmq;

import com.rabbitmq.client.ConnectionFactory;
import java.net.URISyntaxException;
import java.security.GeneralSecurityException;

/** A publisher for docs/outbox/publishers.md: what stands between the two marks stands there. */
final class RabbitExample {
    private RabbitExample() {}

    static RabbitEventPublisher publisher(String uri) throws URISyntaxException, GeneralSecurityException {
        // begin
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(uri); // amqps://user:password@rabbit:5671/vhost
        RabbitEventPublisher publisher = RabbitEventPublisher.builder(factory)
                .exchange("events") // left out: the exchange without a name, where a topic is the name of a queue
                .source("/orders")
                .build();
        // end
        return publisher;
    }
}
