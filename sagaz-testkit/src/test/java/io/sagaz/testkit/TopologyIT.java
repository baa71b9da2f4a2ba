package io.sagaz.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import org.junit.jupiter.api.Test;

class TopologyIT {
    @Test
    void starts() throws Exception {
        try (Topology topology =
                        Topology.builder().progress(System.out::println).start();
                Connection reads = topology.connect(topology.roUrl(), topology.reader())) {
            System.out.println(topology.startedIn());
            assertThat(Jdbc.value(reads, "SELECT pg_is_in_recovery()")).isEqualTo("t");
        }
    }
}
