/** The relay that publishes the events of the outbox, and what a publisher for a broker is. */
module io.sagaz.outbox {
    requires static transitive org.jspecify;
    requires transitive io.sagaz.storage;
    requires transitive micrometer.core;
    requires java.management;
    requires org.slf4j;

    exports io.sagaz.outbox;
}
