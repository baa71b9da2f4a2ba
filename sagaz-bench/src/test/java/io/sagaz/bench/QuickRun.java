package io.sagaz.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A benchmark that was run with {@code --quick --json}.
 *
 * @param status of its end
 * @param words what it told people
 * @param output what it printed for programs
 */
record QuickRun(int status, String words, String output) {
    /**
     * Runs it.
     *
     * @param results where a run writes its files that is not quick
     */
    static QuickRun of(Benchmark benchmark, Path results) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream stdout = new PrintStream(out, true, StandardCharsets.UTF_8);
        PrintStream stderr = new PrintStream(err, true, StandardCharsets.UTF_8);
        int status = Main.commandLine(
                        List.of(benchmark), Optional.of(results), stdout, stderr, new Interruption(stdout, stderr))
                .execute(benchmark.name(), "--quick", "--json");
        return new QuickRun(status, err.toString(StandardCharsets.UTF_8), out.toString(StandardCharsets.UTF_8));
    }

    /** The results of its document, which is one line, names nothing of the machine, and compares with what is in it. */
    Results results() throws IOException {
        assertThat(status).as(words).isZero();
        assertThat(output.lines()).hasSize(1);
        assertThat(output).doesNotContain(System.getProperty("user.home")).doesNotContain("127.0.0.1");
        Map<String, Object> document = Json.object(output);
        assertThat(((Map<?, ?>) Json.at(document, "machine")).keySet().stream().map(Object::toString))
                .containsExactly("cores", "memory", "os", "jvm");
        assertThat(Json.number(document, "machine", "cores")).isPositive();
        for (String field : List.of("memory", "os", "jvm")) {
            assertThat(Json.text(document, "machine", field)).isNotBlank();
        }
        for (String field : List.of("postgres", "pgbouncer", "pgjdbc")) {
            assertThat(Json.text(document, "versions", field)).matches("\\d+\\.\\d.*");
        }
        Results results = new Results(((List<?>) Json.at(document, "results"))
                .stream().<Map<?, ?>>map(result -> (Map<?, ?>) result).toList());
        assertThat(results.names()).hasSameSizeAs(results.all());
        for (Map<?, ?> result : results.all()) {
            assertThat(result.keySet().stream().map(Object::toString))
                    .contains("name", "value", "unit", "statistic", "spread", "rounds");
            if (result.containsKey("ratio")) {
                assertThat(results.names()).contains(String.valueOf(result.get("of")));
            }
        }
        return results;
    }

    /** What was measured. */
    record Results(List<Map<?, ?>> all) {
        Set<String> names() {
            return all.stream()
                    .map(result -> String.valueOf(result.get("name")))
                    .collect(Collectors.toSet());
        }

        /** The names of those that have a target, in order. */
        List<String> targets() {
            return all.stream()
                    .filter(result -> result.containsKey("target"))
                    .map(result -> String.valueOf(result.get("name")))
                    .toList();
        }
    }
}
