package io.sagaz.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.monitoring.Programs.Result;
import io.sagaz.monitoring.Rule.Alert;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules and expressions, as promtool judges them. */
class RulesTest {
    private static final Map<String, Alert> ALERTS =
            Alerts.all().stream().collect(Collectors.toMap(Alert::name, Function.identity()));

    @TempDir
    private Path directory;

    @BeforeEach
    void write() throws IOException {
        WrittenFiles.write(MonitoringFiles.all(), directory.resolve("monitoring"));
    }

    @Test
    void promtoolAcceptsRulesAndConfiguration() throws IOException {
        for (String file : List.of("rules/sagaz-alerts.yml", "rules/sagaz-recordings.yml")) {
            requireSuccess(promtool("check", "rules", monitoring(file)));
        }
        requireSuccess(promtool("check", "config", monitoring("prometheus.yml")));
    }

    @Test
    void aDeploymentWithoutServicesIsWatchedToo() throws IOException {
        ScrapeTargets targets = new ScrapeTargets("c", Map.of("p", "p:9187"), Map.of("rw", "b:9127"), Map.of());
        WrittenFiles.write(MonitoringFiles.all(targets, MonitoringFiles.RUNBOOKS), directory.resolve("monitoring"));
        assertThat(Files.readString(Path.of(monitoring("prometheus.yml")))).contains("static_configs: []");
        requireSuccess(promtool("check", "config", monitoring("prometheus.yml")));
    }

    @Test
    void everyExpressionOfADashboardCompiles() throws IOException {
        List<Object> rules = new ArrayList<>();
        for (Dashboard dashboard : Dashboard.all()) {
            for (Dashboard.Row row : dashboard.rows()) {
                for (Panel panel : row.panels()) {
                    for (Panel.Query query : panel.queries()) {
                        rules.add(ordered(
                                "record",
                                "x",
                                "expr",
                                Expressions.withVariables(query.expression(), "c"),
                                // Equal expressions would be duplicates.
                                "labels",
                                ordered("n", "n" + rules.size())));
                    }
                }
            }
        }
        Path file = directory.resolve("expressions.yml");
        Files.writeString(
                file, Yaml.of("", ordered("groups", List.of(ordered("name", "expressions", "rules", rules)))));
        Result result = promtool("check", "rules", file.toString());
        requireSuccess(result);
        assertThat(result.output()).contains(rules.size() + " rules found");
        assertThat(rules).hasSizeGreaterThan(60);
    }

    @Test
    void everyAlertHasASituationInWhichItFiresAndOneInWhichItDoesNot() {
        for (String alert : ALERTS.keySet()) {
            List<RuleCase> cases = RuleCases.all().stream()
                    .filter(each -> each.alert().equals(alert))
                    .toList();
            assertThat(cases).as(alert).anyMatch(RuleCase::fires).anyMatch(each -> !each.fires());
        }
        assertThat(RuleCases.all()).extracting(RuleCase::alert).allMatch(ALERTS::containsKey);
    }

    @ParameterizedTest
    @ValueSource(strings = {"30s", "30m"})
    void alertsFireWhenTheyMustAndOnlyThen(String interval) throws IOException {
        List<Object> tests = new ArrayList<>();
        for (RuleCase each : RuleCases.all()) {
            if (each.interval().equals(interval)) {
                tests.add(each.yaml(Objects.requireNonNull(ALERTS.get(each.alert()))));
            }
        }
        requireSuccess(test(tests, interval));
    }

    @Test
    void everyMetricOfOursIsFoundUnderTheNameThatCloudNativePgGivesIt() throws IOException {
        List<Object> series = new ArrayList<>();
        List<Object> expected = new ArrayList<>();
        int value = 1;
        for (String metric : ExporterQueries.metrics()) {
            series.add(ordered("series", "cnpg_" + metric + "{cluster=\"c\", server=\"p\"}", "values", value + "x5"));
            expected.add(sample(metric, metric + "{cluster=\"c\", server=\"p\"}", value++));
        }
        requireSuccess(
                test(List.of(ordered("interval", "30s", "input_series", series, "promql_expr_test", expected)), "30s"));
    }

    @Test
    void poolersHaveOneNameWhicheverExporterTellsOfThem() throws IOException {
        List<Object> tests = new ArrayList<>();
        for (String[] names : new String[][] {
            {
                "pgbouncer_pools_client_active_connections",
                "pgbouncer_pools_client_waiting_connections",
                "pgbouncer_pools_server_active_connections",
                "pgbouncer_pools_server_idle_connections",
                "pgbouncer_stats_sql_transactions_pooled_total",
                "pgbouncer_stats_client_wait_seconds_total",
                "1"
            },
            {
                "pgbouncer_pools_client_active_connections",
                "pgbouncer_pools_client_waiting_connections",
                "pgbouncer_pools_server_active_connections",
                "pgbouncer_pools_server_idle_connections",
                "pgbouncer_stats_totals_sql_transactions_pooled_total",
                "pgbouncer_stats_totals_client_wait_seconds_total",
                "1"
            },
            {
                "cnpg_pgbouncer_pools_cl_active",
                "cnpg_pgbouncer_pools_cl_waiting",
                "cnpg_pgbouncer_pools_sv_active",
                "cnpg_pgbouncer_pools_sv_idle",
                "cnpg_pgbouncer_stats_total_xact_count",
                "cnpg_pgbouncer_stats_total_wait_time",
                "1000000"
            }
        }) {
            String labels = "{cluster=\"c\", database=\"d\", pool=\"rw\"}";
            String pair = "{cluster=\"c\", instance=\"%s\", pool=\"rw\", database=\"d\"}";
            List<Object> series = new ArrayList<>();
            for (String instance : List.of("a", "b")) {
                String of = pair.formatted(instance);
                series.add(ordered("series", names[0] + of, "values", "7x20"));
                series.add(ordered("series", names[1] + of, "values", "2x20"));
                series.add(ordered("series", names[2] + of, "values", "5x20"));
                series.add(ordered("series", names[3] + of, "values", "3x20"));
                series.add(ordered("series", names[4] + of, "values", "0+60x20"));
                series.add(ordered("series", names[5] + of, "values", "0+" + 30 * Integer.parseInt(names[6]) + "x20"));
            }
            tests.add(ordered(
                    "interval",
                    "30s",
                    "input_series",
                    series,
                    "promql_expr_test",
                    List.of(
                            poolSample("sagaz_pgbouncer_active_connections", labels, 14),
                            poolSample("sagaz_pgbouncer_waiting_connections", labels, 4),
                            poolSample("sagaz_pgbouncer_server_active_connections", labels, 10),
                            poolSample("sagaz_pgbouncer_server_idle_connections", labels, 6),
                            poolSample("sagaz_pgbouncer_transactions:rate5m", labels, 4),
                            poolSample("sagaz_pgbouncer_wait_seconds:rate5m", labels, 2))));
        }
        requireSuccess(test(tests, "30s"));
    }

    private static Map<String, Object> poolSample(String name, String labels, int value) {
        Map<String, Object> sample = sample("round(" + name + ", 0.001)", labels, value);
        sample.put("eval_time", "6m");
        return sample;
    }

    private static Map<String, Object> sample(String expression, String labels, int value) {
        return ordered(
                "expr",
                expression,
                "eval_time",
                "2m",
                "exp_samples",
                List.of(ordered("labels", labels, "value", value)));
    }

    private Result test(List<Object> tests, String interval) throws IOException {
        Path file = directory.resolve("tests.yml");
        Files.writeString(
                file,
                Yaml.of(
                        "",
                        ordered(
                                "rule_files",
                                List.of(monitoring("rules/sagaz-recordings.yml"), monitoring("rules/sagaz-alerts.yml")),
                                "evaluation_interval",
                                interval,
                                "tests",
                                tests)));
        return promtool("test", "rules", file.toString());
    }

    private String monitoring(String file) {
        return directory.resolve("monitoring").resolve(file).toString();
    }

    private static Result promtool(String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Programs.PROMTOOL.path().toString());
        command.addAll(List.of(arguments));
        return Programs.run(command);
    }

    private static void requireSuccess(Result result) {
        assertThat(result.exitStatus()).as(result.output()).isZero();
    }

    private static Map<String, Object> ordered(Object... keysAndValues) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            map.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return map;
    }
}
