package io.sagaz.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is refused before anything is started. */
class UpCommandTest {
    private static void assertRefused(CliRun run, String message) {
        assertThat(run.words()).contains(message).contains("Try: sagaz up --help");
        assertThat(run.status()).isEqualTo(2);
    }

    @Test
    void aFileThatIsThereIsLeftAlone(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("mine.env"), "MINE=1\n");

        assertRefused(
                CliRun.in(Map.of()).run("up", "--env", file.toString()),
                "--env " + file + " is there already: name another file, or say --force to overwrite it");
        assertThat(file).hasContent("MINE=1");
        assertRefused(CliRun.in(Map.of()).run("up", "--force"), "--force is for the file of --env, which is not given");
    }

    @Test
    void aPortThatIsInUseIsNamedWithItsOption() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int base = taken.getLocalPort() - 1;
            String port = Integer.toString(base);

            CliRun run = CliRun.in(Map.of()).run("up", "--port-base", port);

            assertRefused(run, "--port-base " + port + " needs ports that are in use: ");
            assertThat(run.words()).contains("127.0.0.1:" + (base + 1) + " (PgBouncer-RO)");
        }
    }
}
