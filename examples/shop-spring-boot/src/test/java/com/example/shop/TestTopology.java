package com.example.shop;

import io.sagaz.outbox.InProcessPublisher;
import io.sagaz.testkit.Credentials;
import io.sagaz.testkit.TestDatabase;
import io.sagaz.testkit.Topology;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Supplier;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.datasource.init.ScriptUtils;
import org.springframework.test.context.DynamicPropertyRegistrar;
import org.springframework.test.context.DynamicPropertyRegistry;

/** What the tests of the shop run on: a primary, a replica and two poolers, all of them real, and a broker in memory. */
@TestConfiguration(proxyBeanMethods = false)
class TestTopology {
    @Bean
    Topology topology() {
        return Topology.builder().start();
    }

    @Bean
    TestDatabase database(Topology topology) {
        return topology.newDatabase("shop", TestTopology::ordersTable);
    }

    /** As the migrations of the shop do. The store brings its own tables when it starts. */
    private static void ordersTable(TestDatabase database) throws SQLException {
        try (Connection owner = database.connect(database.primaryUrl(), database.owner())) {
            ScriptUtils.executeSqlScript(owner, new ClassPathResource("orders.sql"));
        }
    }

    @Bean
    DynamicPropertyRegistrar whereTheDatabaseIs(TestDatabase database) {
        return registry -> {
            add(registry, "sagaz.write", database::rwUrl, database.app());
            add(registry, "sagaz.read", database::roUrl, database.reader());
            add(registry, "sagaz.direct", database::primaryUrl, database.owner());
        };
    }

    private static void add(DynamicPropertyRegistry registry, String name, Supplier<Object> url, Credentials as) {
        registry.add(name + ".url", url);
        registry.add(name + ".username", as::user);
        registry.add(name + ".password", as::password);
    }

    @Bean
    @Primary
    InProcessPublisher broker() {
        return new InProcessPublisher();
    }
}
