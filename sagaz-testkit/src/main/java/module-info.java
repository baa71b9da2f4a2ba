/** A real replicated PostgreSQL behind two PgBouncers, and real message brokers, for tests. */
module io.sagaz.testkit {
    requires static transitive org.jspecify;
    requires static com.github.dockerjava.api;
    requires static testcontainers;
    requires transitive java.sql;
    requires org.apache.commons.compress;
    requires org.postgresql.jdbc;
    requires org.slf4j;
    requires org.tukaani.xz;

    uses java.sql.Driver;

    exports io.sagaz.testkit;
}
