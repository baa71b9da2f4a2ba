/** The schema of Sagaz and its upkeep. */
module io.sagaz.migrations {
    requires static org.checkerframework.checker.qual;
    requires static transitive org.jspecify;
    requires transitive java.sql;
    requires flyway.core;
    requires org.postgresql.jdbc;
    requires org.slf4j;

    exports io.sagaz.migrations;
}
