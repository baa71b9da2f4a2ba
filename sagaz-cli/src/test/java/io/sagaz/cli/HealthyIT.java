package io.sagaz.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.testkit.Topology;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** As a process of its own, as a user runs it: whatever anything in it logs would be seen. */
class HealthyIT {
    @Test
    void aHealthyTopologyIsOneLineAndNotAWordBesides() throws Exception {
        try (Ward ward = Ward.start(Topology.builder())) {
            Map<String, String> environment = ward.asService().environment();
            for (String[] command : List.of(
                    new String[] {"doctor"},
                    new String[] {"doctor", "--json"},
                    new String[] {"status", "--json"},
                    new String[] {"sagas", "list", "--json"})) {
                try (ChildSagaz sagaz = ChildSagaz.start(environment, command)) {
                    assertThat(sagaz.awaitExit()).isZero();
                    assertThat(sagaz.remainingOutput()).hasSize(1);
                    assertThat(sagaz.remainingWords()).isEmpty();
                }
            }
        }
    }
}
