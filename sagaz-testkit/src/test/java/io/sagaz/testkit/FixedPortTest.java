package io.sagaz.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.testkit.Plan.ReplicaAccess;
import org.junit.jupiter.api.Test;

class FixedPortTest {
    @Test
    void severalReplicasShareAPortAtAddressesOfTheirOwn() {
        assertThat(FixedPort.of(7000, 2, ReplicaAccess.ADDRESSES))
                .containsExactly(
                        new FixedPort("127.0.0.1", 7000, "PgBouncer-RW"),
                        new FixedPort("127.0.0.1", 7001, "PgBouncer-RO"),
                        new FixedPort("127.0.0.1", 7002, "the primary"),
                        new FixedPort("127.0.0.2", 7003, "replica-1"),
                        new FixedPort("127.0.0.3", 7003, "replica-2"));
    }

    @Test
    void withOneAddressTheyHavePortsOfTheirOwn() {
        assertThat(FixedPort.of(7000, 2, ReplicaAccess.SOCKETS))
                .endsWith(new FixedPort("127.0.0.1", 7003, "replica-1"), new FixedPort("127.0.0.1", 7004, "replica-2"));
    }

    @Test
    void freePortsAreNotKnownBefore() {
        assertThat(FixedPort.of(0, 2, ReplicaAccess.ADDRESSES)).isEmpty();
    }
}
