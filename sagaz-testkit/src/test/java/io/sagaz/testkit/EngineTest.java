package io.sagaz.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.model.Info;
import java.util.List;
import org.junit.jupiter.api.Test;

class EngineTest {
    @Test
    void anEngineThatSharesNeitherUsersNorFilesWithThisMachineIsUnfit() {
        assertThat(Engine.unfit(new Info()
                        .withName("laptop")
                        .withSecurityOptions(List.of("name=seccomp,profile=default", "name=rootless"))))
                .hasValue("that of laptop is rootless");
        assertThat(Engine.unfit(new Info().withName("laptop").withSecurityOptions(List.of("name=userns"))))
                .hasValue("that of laptop gives other users to containers (userns-remap)");
        assertThat(Engine.unfit(new Info().withOperatingSystem("Docker Desktop")))
                .hasValue("that of Docker Desktop runs in a virtual machine");
        assertThat(Engine.unfit(new Info().withOperatingSystem("Debian GNU/Linux 12 (bookworm)")))
                .isEmpty();
    }
}
