/** Publishes the events of the outbox to Redis streams. */
module io.sagaz.outbox.redis {
    requires static transitive org.jspecify;
    requires transitive io.sagaz.outbox;
    requires transitive lettuce.core;

    exports io.sagaz.outbox.redis;
}
