package io.sagaz.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.bench.measure.Alternation;
import io.sagaz.bench.partitions.PartitionSizes;
import io.sagaz.bench.partitions.PartitionsBenchmark;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartitionsIT {
    private static final PartitionSizes TINY = new PartitionSizes(
            new Alternation(1, 2),
            new PartitionSizes.Tables(20_000, 10_000, 2, 20, 10, 5, 2),
            new PartitionSizes.Planning(10, new Alternation(1, 2), new Alternation(0, 2)),
            new PartitionSizes.Upkeep(1, 20, 20, Duration.ofMillis(100)));

    /** Full runs are none of this test's business. */
    private static final PartitionSizes NONE = new PartitionSizes(
            new Alternation(0, 1),
            new PartitionSizes.Tables(0, 0, 0, 0, 0, 0, 0),
            new PartitionSizes.Planning(0, new Alternation(0, 1), new Alternation(0, 1)),
            new PartitionSizes.Upkeep(0, 0, 0, Duration.ZERO));

    @Test
    void aQuickRunMeasuresEverythingAndWritesNoFiles(@TempDir Path results) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream stdout = new PrintStream(out, true, StandardCharsets.UTF_8);
        PrintStream stderr = new PrintStream(err, true, StandardCharsets.UTF_8);

        int status = Main.commandLine(
                        List.of(new PartitionsBenchmark(NONE, TINY)),
                        Optional.of(results),
                        stdout,
                        stderr,
                        new Interruption(stdout, stderr))
                .execute("partitions", "--quick", "--json");

        String words = err.toString(StandardCharsets.UTF_8);
        assertThat(status).as(words).isZero();
        assertThat(words).contains("Filling three tables with 20,000 sagas each");
        assertThat(results).isEmptyDirectory();
        String document = out.toString(StandardCharsets.UTF_8);
        assertThat(document.lines()).hasSize(1);
        assertThat(document).doesNotContain(System.getProperty("user.home")).doesNotContain("127.0.0.1");
        checkShape(Json.object(document));
    }

    private static void checkShape(Map<String, Object> document) {
        assertThat(((Map<?, ?>) Json.at(document, "machine")).keySet().stream().map(Object::toString))
                .containsExactly("cores", "memory", "os", "jvm");
        assertThat(Json.number(document, "machine", "cores")).isPositive();
        for (String field : List.of("memory", "os", "jvm")) {
            assertThat(Json.text(document, "machine", field)).isNotBlank();
        }
        for (String field : List.of("postgres", "pgbouncer", "pgjdbc")) {
            assertThat(Json.text(document, "versions", field)).matches("\\d+\\.\\d.*");
        }
        List<Map<?, ?>> results = ((List<?>) Json.at(document, "results"))
                .stream().<Map<?, ?>>map(result -> (Map<?, ?>) result).toList();
        Set<Object> names = results.stream().map(result -> result.get("name")).collect(Collectors.toSet());
        assertThat(names)
                .hasSameSizeAs(results)
                .contains(
                        "last hour: partitioned",
                        "last hour: partitioned, against one table, b-tree on time",
                        "last hour: one table, b-tree on time, pages",
                        "last hour, as people write it: partitioned",
                        "last day: partitioned",
                        "lookup by id and time: partitioned",
                        "lookup by id alone: partitioned",
                        "insert of one saga: partitioned",
                        "insert of 100 sagas: partitioned",
                        "BRIN index: partitioned, without BRIN",
                        "BRIN index: size of BRIN, all partitions",
                        "planning in a session that has planned it before: lookup by id alone, 60 partitions",
                        "planning in a new session: compare-and-set of the library, 37 partitions",
                        "maintenance by the owner, past the pooler: with nothing to do",
                        "maintenance by a service, through the pooler: longest wait, with maintenance");
        for (Map<?, ?> result : results) {
            assertThat(result.keySet().stream().map(Object::toString))
                    .contains("name", "value", "unit", "statistic", "spread", "rounds");
            if (result.containsKey("ratio")) {
                assertThat(names).contains(result.get("of"));
            }
        }
        assertThat(results)
                .filteredOn(result -> result.containsKey("target"))
                .extracting(result -> result.get("name"))
                .isEqualTo(List.of(
                        "last hour: partitioned",
                        "last hour, as people write it: partitioned",
                        "last day: partitioned",
                        "BRIN index: partitioned, without BRIN",
                        "maintenance by the owner, past the pooler: with 14 partitions to take away",
                        "maintenance by the owner, past the pooler: taken away",
                        "maintenance by the owner, past the pooler: longest wait, with maintenance",
                        "maintenance by a service, through the pooler: with 14 partitions to take away",
                        "maintenance by a service, through the pooler: taken away",
                        "maintenance by a service, through the pooler: longest wait, with maintenance"));
    }
}
