/** Publishes the events of the outbox to RabbitMQ. */
module io.sagaz.outbox.rabbitmq {
    requires static transitive org.jspecify;
    requires transitive io.sagaz.outbox;
    requires transitive com.rabbitmq.client;

    exports io.sagaz.outbox.rabbitmq;
}
