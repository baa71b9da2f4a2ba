/** Publishes the events of the outbox to Kafka. */
module io.sagaz.outbox.kafka {
    requires static transitive org.jspecify;
    requires transitive io.sagaz.outbox;
    requires transitive kafka.clients;

    exports io.sagaz.outbox.kafka;
}
