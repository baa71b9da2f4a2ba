package io.sagaz.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.NewSaga;
import io.sagaz.storage.postgres.RoutingSagaStore;
import io.sagaz.testkit.TestDatabase;
import io.sagaz.testkit.junit.DatabaseTemplate;
import io.sagaz.testkit.junit.SagazTopology;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;

// begin
@SagazStore
@SagazTopology(replicas = 2)
@DatabaseTemplate(OrdersIT.Schema.class)
class OrdersIT {
    static final class Schema implements TestDatabase.Preparation {
        @Override
        public void prepare(TestDatabase database) throws SQLException {
            new SagazSchema().prepare(database);
            try (Connection owner = database.connect(database.primaryUrl(), database.owner());
                    Statement statement = owner.createStatement()) {
                statement.execute("CREATE TABLE orders (id bigint PRIMARY KEY)"); // or your own migrations
            }
        }
    }

    @Test
    void anOrderAndItsSagaAreOneCommit(RoutingSagaStore store, TestDatabase database) throws SQLException {
        store.inTransaction(tx -> {
            tx.connection().createStatement().execute("INSERT INTO orders VALUES (42)");
            return tx.start(NewSaga.named("order").steps("charge"));
        });

        database.awaitReplicas(Duration.ofSeconds(30));
        try (Connection dashboard = database.connect(database.roUrl(), database.reader());
                Statement statement = dashboard.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM orders, saga_executions")) {
            row.next();
            assertThat(row.getInt(1)).isEqualTo(1);
        }
    }
}
// end
