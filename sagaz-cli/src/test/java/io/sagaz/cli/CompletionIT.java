package io.sagaz.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The script, in a real bash. */
class CompletionIT {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({
        "sagaz par, partition",
        "sagaz partition cl, cleanup",
        "sagaz doctor --acc, --accept",
        "sagaz sagas list --status FA, FAILED",
    })
    void bashCompletesCommandsOptionsAndValues(String typed, String completed) throws Exception {
        CliRun script = CliRun.in(Map.of()).run("completion", "bash");
        assertThat(script.status()).isZero();
        Path file = Files.writeString(directory.resolve("sagaz.bash"), script.output());

        List<String> words = List.of(typed.split(" ", -1));
        String bash = "source " + file + "; COMP_WORDS=(" + typed + "); COMP_CWORD=" + (words.size() - 1)
                + "; _complete_sagaz; printf '%s\\n' \"${COMPREPLY[@]}\"";

        assertThat(output("bash", "--norc", "-c", bash)).contains(completed);
    }

    @Test
    void zshGetsTheSame() {
        assertThat(CliRun.in(Map.of()).run("completion", "zsh"))
                .isEqualTo(CliRun.in(Map.of()).run("completion", "bash"));
    }

    private static List<String> output(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(text).isZero();
        return text.lines().map(String::strip).toList();
    }
}
