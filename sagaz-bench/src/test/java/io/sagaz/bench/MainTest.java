package io.sagaz.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.bench.report.Section;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @ParameterizedTest
    @ValueSource(strings = {"", "--help"})
    void withoutANameTheBenchmarksAreListed(String argument) {
        assertThat(run(argument.isEmpty() ? new String[0] : new String[] {argument}))
                .isZero();

        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains(
                        "partitions  What partitions are worth",
                        "writes      What a durable step costs",
                        "reads       What a routed read costs");
        assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"fast, Unmatched argument at index 0: 'fast'", "partitions --slow, Unknown option: '--slow'"})
    void mistakesAreNamed(String arguments, String message) {
        assertThat(run(arguments.split(" ", -1))).isEqualTo(2);

        assertThat(err.toString(StandardCharsets.UTF_8)).contains(message).contains("--help");
        assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    @Test
    void namesOfBenchmarksAreUniqueAndCanBeNamesOfFiles() {
        assertThat(Benchmarks.all())
                .extracting(Benchmark::name)
                .doesNotHaveDuplicates()
                .allMatch(name -> name.matches("[a-z]+"));
    }

    @Test
    void withoutRoomOnTheDiskItDoesNotBegin() {
        assertThat(run(List.of(new Huge()), "huge", "--json")).isEqualTo(1);

        assertThat(out.toString(StandardCharsets.UTF_8))
                .startsWith("{\"error\":\"It takes about 8589934591 GiB in the directory for temporary files");
        assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("bench huge: It takes about");
    }

    private static final class Huge implements Benchmark {
        @Override
        public String name() {
            return "huge";
        }

        @Override
        public String title() {
            return "More than there is";
        }

        @Override
        public List<String> circumstances(boolean quick) {
            return List.of();
        }

        @Override
        public long diskBytes(boolean quick) {
            return Long.MAX_VALUE;
        }

        @Override
        public List<Section> run(Stage stage, boolean quick) {
            throw new AssertionError("It has begun");
        }
    }

    private int run(String... arguments) {
        return run(Benchmarks.all(), arguments);
    }

    private int run(List<Benchmark> benchmarks, String... arguments) {
        return Main.commandLine(
                        benchmarks,
                        Optional.empty(),
                        stream(out),
                        stream(err),
                        new Interruption(stream(out), stream(err)))
                .execute(arguments);
    }

    private static PrintStream stream(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }
}
