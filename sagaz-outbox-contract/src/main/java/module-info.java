/** What a publisher of events promises, as tests that any publisher can run. */
module io.sagaz.outbox.contract {
    requires static transitive org.jspecify;
    requires transitive io.sagaz.outbox;
    requires transitive org.junit.jupiter.api;
    requires org.assertj.core;

    exports io.sagaz.outbox.contract;

    opens io.sagaz.outbox.contract to
            org.junit.platform.commons;
}
