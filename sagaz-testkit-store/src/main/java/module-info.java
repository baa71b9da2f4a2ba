/** A RoutingSagaStore on a database of its own, for each test that asks. */
module io.sagaz.testkit.store {
    requires static transitive org.jspecify;
    requires transitive io.sagaz.storage.postgres;
    requires transitive io.sagaz.testkit;
    requires transitive org.junit.jupiter.api;
    requires io.sagaz.migrations;

    exports io.sagaz.testkit.store;

    opens io.sagaz.testkit.store to
            org.junit.platform.commons;
}
