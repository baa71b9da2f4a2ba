package io.sagaz.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.cli.CliRun;
import io.sagaz.cli.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NotStartedTest {
    /** A port that is taken, and on which nobody listens. */
    private static Socket silent() throws IOException {
        Socket socket = new Socket();
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        return socket;
    }

    private static String port(Socket socket) {
        return Integer.toString(socket.getLocalPort());
    }

    @Test
    void theDemoOnADeploymentThatIsNotStartedSaysWhereItLookedAndHowThatIsStarted(@TempDir Path folder)
            throws IOException {
        try (Socket primary = silent();
                Socket replica = silent();
                Socket rw = silent();
                Socket ro = silent()) {
            CliRun made = CliRun.in(Map.of())
                    .run(
                            "init",
                            "--dir",
                            folder.toString(),
                            "--sagaz-home",
                            "/opt/sagaz",
                            "--primary-port",
                            port(primary),
                            "--replica-port",
                            port(replica),
                            "--rw-port",
                            port(rw),
                            "--ro-port",
                            port(ro));
            assertThat(made.status()).as(made.words()).isZero();

            CliRun run = CliRun.in(Map.of()).run("demo", "--deployment", folder.toString(), "--json");

            assertThat(run.status()).isEqualTo(1);
            assertThat(run.words())
                    .startsWith("sagaz demo: The deployment in " + folder
                            + " takes no login at primary (localhost:"
                            + port(primary) + "/sagaz), replica-1 (localhost:" + port(replica)
                            + "/sagaz), PgBouncer-RW (localhost:" + port(rw) + "/sagaz), PgBouncer-RO (localhost:"
                            + port(ro) + "/sagaz). The first says: ")
                    .endsWith("If it is not started: cd " + folder + " && docker compose up -d --wait\n");
            assertThat(Json.text(run.json(), "error")).contains("docker compose up -d --wait");
        }
    }
}
