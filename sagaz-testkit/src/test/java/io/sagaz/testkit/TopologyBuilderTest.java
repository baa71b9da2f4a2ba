package io.sagaz.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TopologyBuilderTest {
    @Test
    void valuesOutOfRangeAreRefusedWithNameBoundAndValue() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Topology.builder().replicas(0))
                .withMessage("Topology.replicas must be from 1 to 16, but is 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Topology.builder().postgres(13))
                .withMessage("Topology.postgres must be from 14 to 18, but is 13");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Topology.builder().primaryDisk(255))
                .withMessage("Topology.primaryDisk must be from 256 to 2147483647, but is 255");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Topology.builder().portBase(80))
                .withMessage("Topology.portBase must be from 1024 to 65516, but is 80");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Topology.builder().directory(Path.of("/nowhere")))
                .withMessage(
                        "Topology.directory is /nowhere, which is not a directory: make it, or leave it out for that of"
                                + " temporary files");
    }

    @Test
    void aSettingIsGivenOnce() {
        assertThatIllegalStateException()
                .isThrownBy(() -> Topology.builder().replicas(2).replicas(3))
                .withMessage("Topology.replicas was already set to 2");
    }

    @Test
    void credentialsDoNotShowThePassword() {
        assertThat(new Credentials("sagaz_app", "topsecret"))
                .hasToString("Credentials[user=sagaz_app, password=(hidden)]");
    }
}
