package io.sagaz.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.sagaz.monitoring.Rule.Alert;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Dashboards and rules against real exporters of a real deployment: what they ask for is there. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LiveScrapeIT {
    private static final Path PICTURES = Path.of(System.getProperty(
            "sagaz.monitoring.pictures", Path.of("target", "pictures").toString()));
    private static final long STEP_SECONDS = 2;

    @TempDir
    private static Path directory;

    private WatchedStack stack;
    private Prometheus prometheus;
    private Instant begin;

    @BeforeAll
    void start() throws Exception {
        stack = new WatchedStack(directory);
        prometheus = stack.prometheus();
        begin = Clock.systemUTC().instant();
    }

    @AfterAll
    void stop() {
        stack.close();
    }

    @Test
    @Order(1)
    void everyTargetIsScraped() {
        WatchedStack.await(
                "all six targets are up",
                () -> prometheus.query("up == 1").size() == 6
                        && prometheus.query("sagaz_db_up == 1").size() == 3
                        && prometheus.query("sagaz_pgbouncer_up == 1").size() == 2);
    }

    @Test
    @Order(2)
    void nothingIsCriticalWhileAllIsWell() throws Exception {
        WatchedStack.await(
                "every rule was worked out",
                () -> rules().noneMatch(rule -> rule.get("health").asText().equals("unknown")));
        List<String> critical = new ArrayList<>();
        for (Alert alert : Alerts.all()) {
            // Sagas and dead letters fail here by intention.
            if (alert.severity() == Rule.Severity.CRITICAL
                    && !alert.name().equals("SagazSagaFailureRateHigh")
                    && !alert.name().equals("SagazDLQDepthHigh")
                    && prometheus.query(alert.expression()).size() > 0) {
                critical.add(alert.name() + ": " + prometheus.query(alert.expression()));
            }
        }
        assertThat(critical).isEmpty();
    }

    @Test
    @Order(3)
    void everyPanelShowsSomething() throws Exception {
        stack.goThroughSomeTrouble();
        List<String> expressions = panels().map(Panel.Query::expression).toList();
        Set<String> empty = new TreeSet<>(expressions);
        WatchedStack.await(() -> "each panel shows something; nothing gives " + empty, () -> {
            for (String expression : List.copyOf(empty)) {
                if (prometheus
                                .query(Expressions.withVariables(expression, WatchedStack.CLUSTER))
                                .size()
                        > 0) {
                    empty.remove(expression);
                }
            }
            return empty.isEmpty();
        });
    }

    @Test
    @Order(4)
    void everyMetricThatIsAskedForIsThere() throws Exception {
        Set<String> asked = new TreeSet<>();
        panels().forEach(query -> asked.addAll(Expressions.metrics(query.expression())));
        Alerts.all().forEach(alert -> asked.addAll(Expressions.metrics(alert.expression())));
        Recordings.ofPoolers().forEach(rule -> asked.addAll(Expressions.metrics(rule.expression())));
        asked.addAll(ExporterQueries.metrics());
        // What only CloudNativePG exports, and what other versions of pgbouncer_exporter do: RulesTest has them.
        asked.removeIf(name -> name.startsWith("cnpg_"));
        boolean renamed = prometheus.names().contains("pgbouncer_stats_totals_queries_pooled_total");
        asked.removeIf(
                name -> name.startsWith("pgbouncer_stats_") && name.startsWith("pgbouncer_stats_totals_") != renamed);
        assertThat(prometheus.names()).containsAll(asked);
    }

    @Test
    @Order(5)
    void everyRuleIsWorkedOutWithoutAnError() throws Exception {
        assertThat(rules()).hasSizeGreaterThan(90).allSatisfy(rule -> {
            assertThat(rule.path("lastError").asText())
                    .as(rule.get("name").asText())
                    .isEmpty();
            assertThat(rule.get("health").asText()).isEqualTo("ok");
        });
        assertThat(prometheus.get("/api/v1/alerts").toString())
                .as("annotations whose templates cannot be filled in")
                .doesNotContain("error expanding");
    }

    @Test
    @Order(6)
    void theStatementsOfTheRunbooksRun() throws Exception {
        int statements = 0;
        for (Alert alert : Alerts.all()) {
            String page = Files.readString(Path.of("..", "docs", "runbooks", alert.page()));
            Matcher block = Pattern.compile("```sql\\n(.*?)```", Pattern.DOTALL).matcher(page);
            while (block.find()) {
                for (String statement : block.group(1).split(";\\s*(--.*)?\\n", -1)) {
                    if (!statement.isBlank()) {
                        stack.runs(alert.name(), statement);
                        statements++;
                    }
                }
            }
        }
        assertThat(statements).isGreaterThan(30);
    }

    @Test
    @Order(7)
    void faultsAreSeen() {
        stack.topology().faults().cutReplica(1);
        seen("SagazReplicaMissing");
        seen("SagazSlotInactive");
        stack.topology().faults().followPrimary(1);
        gone("SagazReplicaMissing");
        gone("SagazSlotInactive");
        stack.topology().faults().pauseReplay(1);
        seen("SagazReplicaLagging");
        stack.topology().faults().resumeReplay(1);
        gone("SagazReplicaLagging");
        stack.topology().faults().stopReplica(0);
        seen("SagazServerDown");
        stack.topology().faults().killWritePooler();
        seen("SagazPoolerDown");
        stack.topology().faults().startWritePooler();
        gone("SagazPoolerDown");
        stack.topology().faults().stopPrimary();
        seen("SagazNoPrimary");
        stack.topology().faults().startPrimary();
        gone("SagazNoPrimary");
        stack.topology().faults().promote(1);
        seen("SagazSeveralPrimaries");
    }

    @Test
    @Order(8)
    void picturesShowTheDashboards() throws Exception {
        Instant end = Clock.systemUTC().instant();
        for (Dashboard dashboard : Dashboard.all()) {
            Map<Panel, List<DashboardPicture.Series>> data = new LinkedHashMap<>();
            for (Dashboard.Row row : dashboard.rows()) {
                for (Panel panel : row.panels()) {
                    data.put(panel, series(panel, end));
                    assertThat(data.get(panel)).as(panel.title()).isNotEmpty();
                }
            }
            Files.createDirectories(PICTURES);
            Files.writeString(
                    PICTURES.resolve(dashboard.uid() + ".svg"),
                    DashboardPicture.of(dashboard, Duration.between(begin, end), data));
        }
    }

    private List<DashboardPicture.Series> series(Panel panel, Instant end) throws Exception {
        double seconds = Duration.between(begin, end).toSeconds();
        List<DashboardPicture.Series> all = new ArrayList<>();
        for (Panel.Query query : panel.queries()) {
            for (JsonNode one : prometheus.range(
                    Expressions.withVariables(query.expression(), WatchedStack.CLUSTER), begin, end, STEP_SECONDS)) {
                List<DashboardPicture.Point> points = new ArrayList<>();
                for (JsonNode pair : one.get("values")) {
                    double value = Double.parseDouble(pair.get(1).asText());
                    if (Double.isFinite(value)) {
                        points.add(new DashboardPicture.Point(
                                (pair.get(0).asDouble() - begin.getEpochSecond()) / seconds, value));
                    }
                }
                if (!points.isEmpty()) {
                    all.add(new DashboardPicture.Series(Expressions.legend(query.legend(), one.get("metric")), points));
                }
            }
        }
        return all;
    }

    private void seen(String alert) {
        WatchedStack.await(
                alert + " holds", () -> prometheus.query(expression(alert)).size() > 0);
    }

    private void gone(String alert) {
        WatchedStack.await(
                alert + " does not hold any more",
                () -> prometheus.query(expression(alert)).isEmpty());
    }

    private static String expression(String name) {
        return Alerts.all().stream()
                .filter(alert -> alert.name().equals(name))
                .findFirst()
                .orElseThrow()
                .expression();
    }

    private Stream<JsonNode> rules() throws Exception {
        List<JsonNode> rules = new ArrayList<>();
        prometheus
                .get("/api/v1/rules")
                .get("groups")
                .forEach(group -> group.get("rules").forEach(rules::add));
        return rules.stream();
    }

    private static Stream<Panel.Query> panels() {
        return Dashboard.all().stream()
                .flatMap(dashboard -> dashboard.rows().stream())
                .flatMap(row -> row.panels().stream())
                .flatMap(panel -> panel.queries().stream());
    }
}
