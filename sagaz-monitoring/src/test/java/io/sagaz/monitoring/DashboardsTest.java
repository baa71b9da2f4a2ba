package io.sagaz.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What Grafana would show wrongly, or not at all, is found in the JSON that it reads. */
class DashboardsTest {
    static Stream<Map.Entry<String, String>> dashboards() {
        return MonitoringFiles.all().entrySet().stream()
                .filter(file -> file.getKey().startsWith("dashboards/"));
    }

    @Test
    void theFiveOfTheReferenceAreThereUnderTheirTitles() {
        assertThat(Dashboard.all())
                .extracting(Dashboard::title)
                .containsExactly("PostgreSQL HA", "PgBouncer pools", "Partitions", "Sagas", "Outbox");
        assertThat(Dashboard.all()).extracting(Dashboard::uid).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void eachIsCompleteAndOverlapsNothing(Map.Entry<String, String> file) throws Exception {
        JsonNode dashboard = new ObjectMapper().readTree(file.getValue());
        assertThat(dashboard.get("id").isNull()).as("Grafana gives the id").isTrue();
        assertThat(dashboard.get("uid").asText()).matches("[a-z-]{1,40}");
        assertThat(dashboard.get("title").asText()).isNotBlank();
        assertThat(dashboard.get("description").asText()).endsWith(".");
        assertThat(dashboard.get("schemaVersion").asInt()).isEqualTo(39);
        Set<String> titles = new HashSet<>();
        Set<Integer> ids = new HashSet<>();
        Set<List<Integer>> cells = new HashSet<>();
        String row = "";
        for (JsonNode panel : dashboard.get("panels")) {
            String title = panel.get("title").asText();
            assertThat(ids.add(panel.get("id").asInt())).as("id of " + title).isTrue();
            JsonNode at = panel.get("gridPos");
            assertThat(at.get("x").asInt() + at.get("w").asInt())
                    .as("right end of " + title)
                    .isLessThanOrEqualTo(24);
            for (int x = at.get("x").asInt();
                    x < at.get("x").asInt() + at.get("w").asInt();
                    x++) {
                for (int y = at.get("y").asInt();
                        y < at.get("y").asInt() + at.get("h").asInt();
                        y++) {
                    assertThat(cells.add(List.of(x, y))).as(title + " overlaps").isTrue();
                }
            }
            if (panel.get("type").asText().equals("row")) {
                row = title;
            } else {
                assertThat(titles.add(row + "/" + title)).as("title " + title).isTrue();
                lint(panel);
            }
        }
    }

    private static void lint(JsonNode panel) {
        String title = panel.get("title").asText();
        assertThat(title).isNotBlank();
        assertThat(panel.get("description").asText())
                .as("description of " + title)
                .endsWith(".");
        assertThat(panel.at("/datasource/uid").asText()).isEqualTo("${datasource}");
        assertThat(panel.at("/fieldConfig/defaults/unit").asText())
                .as("unit of " + title)
                .isNotBlank();
        Set<String> refs = new HashSet<>();
        assertThat(panel.get("targets")).as("queries of " + title).isNotEmpty();
        List<String> legends = new ArrayList<>();
        for (JsonNode target : panel.get("targets")) {
            assertThat(refs.add(target.get("refId").asText())).isTrue();
            assertThat(target.at("/datasource/uid").asText()).isEqualTo("${datasource}");
            String expression = target.get("expr").asText();
            String legend = target.get("legendFormat").asText();
            legends.add(legend);
            assertThat(legend).as("legend of " + title).isNotBlank();
            assertThat(Expressions.selectorsWith(expression, "cluster=\"$cluster\""))
                    .as("selectors by cluster in " + expression)
                    .isEqualTo(Expressions.selectors(expression))
                    .isPositive();
            legend.replaceAll("\\{\\{(\\w+)\\}\\}", "$1")
                    .lines()
                    .forEach(text -> assertThat(text).as("legend of " + title).doesNotContain("{", "}"));
        }
        assertThat(legends).as("legends of " + title).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void theDataSourceAndTheClusterAreVariables(Map.Entry<String, String> file) throws Exception {
        JsonNode variables = new ObjectMapper().readTree(file.getValue()).at("/templating/list");
        assertThat(variables.get(0).get("name").asText()).isEqualTo("datasource");
        assertThat(variables.get(0).get("type").asText()).isEqualTo("datasource");
        assertThat(variables.get(0).get("query").asText()).isEqualTo("prometheus");
        assertThat(variables.get(1).get("name").asText()).isEqualTo("cluster");
        assertThat(file.getValue()).as("only the import wizard fills those in").doesNotContain("${DS_");
    }

    @Test
    void whatTheDatabaseIsAskedForIsShown() {
        Set<String> shown = new HashSet<>();
        for (Map.Entry<String, String> file : dashboards().toList()) {
            ExporterQueries.metrics().stream().filter(file.getValue()::contains).forEach(shown::add);
        }
        Set<String> alerted = new HashSet<>();
        Alerts.all().forEach(alert -> alerted.addAll(Expressions.metrics(alert.expression())));
        assertThat(ExporterQueries.metrics()).allMatch(metric -> shown.contains(metric) || alerted.contains(metric));
    }
}
