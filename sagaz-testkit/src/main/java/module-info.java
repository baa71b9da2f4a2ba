/** A real replicated PostgreSQL behind two PgBouncers, and real message brokers, for tests. */
module io.sagaz.testkit {
    requires static transitive org.jspecify;
    requires transitive io.sagaz.storage;
    requires static org.assertj.core; // not transitive: who compiles against this without it would not find it
    requires static transitive org.junit.jupiter.api;
    requires static com.github.dockerjava.api;
    requires java.logging;
    requires transitive java.sql;
    requires org.apache.commons.compress;
    requires org.postgresql.jdbc;
    requires org.slf4j;
    requires org.tukaani.xz;

    uses java.sql.Driver;

    exports io.sagaz.testkit;
    exports io.sagaz.testkit.assertj;
    exports io.sagaz.testkit.junit;

    opens io.sagaz.testkit.junit to
            org.junit.platform.commons;
}
