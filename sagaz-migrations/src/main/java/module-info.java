/** The schema of Sagaz and its upkeep. */
module io.sagaz.migrations {
    requires static transitive org.jspecify;
    requires transitive java.sql;
    requires flyway.core;
    requires org.slf4j;

    exports io.sagaz.migrations;
}
