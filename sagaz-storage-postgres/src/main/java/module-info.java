/** RoutingSagaStore: writes to the primary, reads to replicas that are fresh enough. */
module io.sagaz.storage.postgres {
    requires static org.checkerframework.checker.qual;
    requires static transitive org.jspecify;
    requires transitive io.sagaz.storage;
    requires transitive java.sql;
    requires transitive micrometer.core;
    requires com.fasterxml.jackson.core;
    requires com.zaxxer.hikari;
    requires io.sagaz.migrations;
    requires org.postgresql.jdbc;
    requires org.slf4j;

    exports io.sagaz.storage.postgres;
}
