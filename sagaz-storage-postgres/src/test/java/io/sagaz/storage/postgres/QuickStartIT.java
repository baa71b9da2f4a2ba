package io.sagaz.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaStatus;
import io.sagaz.testkit.Credentials;
import io.sagaz.testkit.Topology;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

class QuickStartIT {
    @Test
    void runsTwice() throws SQLException {
        try (Topology topology = Topology.builder().start()) {
            for (String counts : List.of("1 1 1", "2 2 2")) {
                runAsShown(topology);

                assertThat(counts(topology)).isEqualTo(counts);
            }
        }
    }

    @Test
    void withTheNumberOfAnEarlierOrderNothingIsWrittenASecondTime() throws SQLException {
        try (Topology topology = Topology.builder().start()) {
            runAsShown(topology);
            String key = value(topology, "SELECT idempotency_key FROM saga_executions");

            try (RoutingSagaStore store = RoutingSagaStore.builder()
                    .write(pool(topology.rwUrl(), topology.app()))
                    .build()) {
                SagaId id = store.start(NewSaga.named("order")
                                .steps("reserve", "charge")
                                .idempotencyKey(key))
                        .id();
                SagaChange reserved = SagaChange.to(SagaStatus.RUNNING)
                        .emit(OutboxEvent.to("orders").json("{}"));
                assertThatIllegalStateException()
                        .isThrownBy(() -> store.inTransaction(tx -> {
                            tx.connection().createStatement().execute("INSERT INTO reservations VALUES (42)");
                            return tx.apply(id, 1, reserved).appliedVersion();
                        }));
            }
            assertThat(counts(topology)).isEqualTo("1 1 1");
        }
    }

    /** With the statement that the README names before it. */
    private static void runAsShown(Topology topology) throws SQLException {
        String table = "CREATE TABLE IF NOT EXISTS reservations (n int)";
        assertThat(page()).contains("`" + table + "`");
        try (Connection owner = topology.connect(topology.primaryUrl(), topology.owner());
                PreparedStatement made = owner.prepareStatement(table)) {
            made.execute();
        }
        var counts = QuickStart.run(
                pool(topology.rwUrl(), topology.app()),
                pool(topology.roUrl(), topology.reader()),
                pool(topology.primaryUrl(), topology.owner()));
        assertThat(counts.receipt().staleness()).isPresent();
    }

    private static PoolConfig pool(String url, Credentials role) {
        return PoolConfig.of(url, role.user(), role.password());
    }

    private static String counts(Topology topology) throws SQLException {
        return value(
                topology,
                "SELECT concat_ws(' ', (SELECT count(*) FROM reservations),"
                        + " (SELECT count(*) FROM saga_executions WHERE status = 'SUCCESS'), (SELECT count(*) FROM saga_outbox))");
    }

    private static String value(Topology topology, String sql) throws SQLException {
        try (Connection owner = topology.connect(topology.primaryUrl(), topology.owner());
                PreparedStatement query = owner.prepareStatement(sql);
                ResultSet row = query.executeQuery()) {
            row.next();
            return row.getString(1);
        }
    }

    private static String page() {
        try {
            return Sample.page("README.md");
        } catch (IOException e) {
            throw new UncheckedIOException("The README is gone", e);
        }
    }

    @Test
    void theReadmeShowsThisVeryCode() throws IOException {
        assertThat(Sample.page("README.md")).contains(Sample.of(QuickStart.class));
    }
}
