/** What a saga store promises, as tests that any store can run. */
module io.sagaz.storage.contract {
    requires static transitive org.jspecify;
    requires transitive io.sagaz.storage;
    requires transitive org.junit.jupiter.api;
    requires org.assertj.core;
    requires org.junit.jupiter.params;

    exports io.sagaz.storage.contract;

    opens io.sagaz.storage.contract to
            org.junit.platform.commons;
}
