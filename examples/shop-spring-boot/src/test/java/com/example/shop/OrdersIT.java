package com.example.shop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sagaz.outbox.InProcessPublisher;
import io.sagaz.storage.CausalToken;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.ReadSource;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.postgres.RoutingSagaStore;
import io.sagaz.testkit.Faults;
import io.sagaz.testkit.Topology;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Import;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.JdbcTemplate;

@SpringBootTest
@Import(TestTopology.class)
class OrdersIT {
    @Autowired
    private Orders orders;

    @Autowired
    private RoutingSagaStore store;

    @Autowired
    private JdbcTemplate jdbc;

    @Autowired
    private InProcessPublisher broker;

    @Autowired
    private Topology topology;

    @Test
    void anOrderItsSagaAndItsEventsAreOneCommit() {
        SagaId id = orders.place("42", 500);
        assertThat(orders.charged(id, 1, "42")).isTrue();

        assertThat(jdbc.queryForObject("SELECT charged FROM orders WHERE number = '42'", Boolean.class))
                .isTrue();
        assertThat(now(id)).isEqualTo(SagaStatus.RUNNING);
        broker.awaitEvent(event -> event.event().type().equals(Optional.of("charged")), Duration.ofSeconds(30));
    }

    @Test
    void anOrderThatIsRefusedLeavesNothingBehind() {
        assertThatThrownBy(() -> orders.place("43", -1)).isInstanceOf(DataIntegrityViolationException.class);

        assertThat(store.reads(ReadConsistency.strong())
                        .findByKey("order", "43")
                        .value())
                .isEmpty();
    }

    @Test
    void whoComesTooLateChangesNothing() {
        SagaId id = orders.place("44", 500);

        assertThat(orders.charged(id, 7, "44")).isFalse();

        assertThat(jdbc.queryForObject("SELECT charged FROM orders WHERE number = '44'", Boolean.class))
                .isFalse();
        assertThat(now(id)).isEqualTo(SagaStatus.PENDING);
    }

    @Test
    void anOrderIsFoundWhileTheReplicaStandsStillAndAfterwards() {
        Faults faults = topology.faults();
        faults.pauseReplay(0);
        SagaId id;
        CausalToken token;
        try {
            id = orders.place("45", 500);
            token = store.causalToken();
            assertThat(source(token, id)).isEqualTo(ReadSource.PRIMARY);
        } finally {
            faults.resumeReplay(0);
        }
        await().until(() -> source(token, id) == ReadSource.REPLICA);
    }

    private SagaStatus now(SagaId id) {
        return store.reads(ReadConsistency.strong())
                .find(id)
                .value()
                .orElseThrow()
                .status();
    }

    /** Where a read comes from that sees what the token stands for. */
    private ReadSource source(CausalToken token, SagaId id) {
        var order = store.reads(ReadConsistency.atLeast(token)).find(id);
        assertThat(order.value()).isPresent();
        return order.receipt().source();
    }
}
