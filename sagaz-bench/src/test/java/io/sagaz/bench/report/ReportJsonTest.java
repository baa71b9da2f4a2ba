package io.sagaz.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.bench.Json;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReportJsonTest {
    @Test
    void theLineIsOneDocumentWithoutLineEnds() throws IOException {
        String line = ReportJson.line(Reports.sample());

        assertThat(line).doesNotContain("\n");
        assertThat(Json.object(line)).containsKeys("machine", "versions", "results");
    }

    @Test
    void theFileSaysTheSameInLines() throws IOException {
        String pretty = ReportJson.pretty(Reports.sample());

        assertThat(pretty).contains("\n").endsWith("}\n").doesNotContain("\r");
        assertThat(Json.object(pretty)).isEqualTo(Json.object(ReportJson.line(Reports.sample())));
    }

    @Test
    void machineAndVersionsAreThere() throws IOException {
        Map<String, Object> document = Json.object(ReportJson.line(Reports.sample()));

        assertThat(Json.at(document, "machine"))
                .isEqualTo(
                        Map.of("cores", 2.0, "memory", "16.0 GiB", "os", "Linux 6.1 amd64", "jvm", "Some VM 17.0.1"));
        assertThat(Json.at(document, "versions"))
                .isEqualTo(Map.of("postgres", "15.1", "pgbouncer", "1.18.0", "pgjdbc", "42.7.0", "sagaz", "0.1.0"));
    }

    @Test
    void eachRatioHasAResultOfItsOwnName() throws IOException {
        List<?> results = (List<?>) Json.at(Json.object(ReportJson.line(Reports.sample())), "results");

        assertThat(results)
                .extracting(result -> ((Map<?, ?>) result).get("name"))
                .isEqualTo(List.of(
                        "first: fast",
                        "first: fast, against other",
                        "first: slow",
                        "first: other",
                        "second: wait <&>"));
        assertThat(results.get(0))
                .isEqualTo(Map.of(
                        "name",
                        "first: fast",
                        "value",
                        1.0,
                        "unit",
                        "ms",
                        "statistic",
                        "median",
                        "spread",
                        Map.of("kind", "min and max of the rounds", "min", 1.0, "max", 1.0),
                        "rounds",
                        3.0,
                        "ratio",
                        0.25,
                        "of",
                        "first: slow",
                        "target",
                        Map.of("text", "at most half of slow", "met", true)));
        assertThat(((Map<?, ?>) results.get(2)).keySet().stream().map(Object::toString))
                .doesNotContain("ratio", "of", "target");
    }

    @Test
    void aFailureIsADocumentToo() throws IOException {
        assertThat(Json.object(ReportJson.error("a \"quoted\" reason")))
                .isEqualTo(Map.of("error", "a \"quoted\" reason"));
    }
}
