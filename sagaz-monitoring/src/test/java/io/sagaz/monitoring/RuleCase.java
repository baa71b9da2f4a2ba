package io.sagaz.monitoring;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an alert does when the world is like this; as a test of promtool.
 *
 * @param what in which situation
 * @param series values by series, in the words of promtool: one value each {@link #interval}
 * @param at when it is looked at
 * @param labels those that the alert has then, but its own; null if it must be silent
 * @param shown how its value reads in its annotations
 */
record RuleCase(
        String alert,
        String what,
        Map<String, String> series,
        String at,
        @Nullable Map<String, String> labels,
        String shown) {
    private static final Pattern VALUE = Pattern.compile("\\{\\{ \\$value[^}]*}}");

    static RuleCase of(String alert, String what) {
        return new RuleCase(alert, what, Map.of(), "", null, "");
    }

    RuleCase given(String name, String values) {
        Map<String, String> more = new LinkedHashMap<>(series);
        more.put(name, values);
        return new RuleCase(alert, what, more, at, labels, shown);
    }

    RuleCase silentAt(String time) {
        return new RuleCase(alert, what, series, time, null, "");
    }

    /** Labels as in {@code cluster="c", server="a"}. */
    RuleCase firesAt(String time, String with, String value) {
        Map<String, String> map = new LinkedHashMap<>();
        Matcher matcher = Pattern.compile("(\\w+)=\"([^\"]*)\"").matcher(with);
        while (matcher.find()) {
            map.put(matcher.group(1), matcher.group(2));
        }
        return new RuleCase(alert, what, series, time, map, value);
    }

    boolean fires() {
        return labels != null;
    }

    /** How far the values are apart, and the rules are worked out: what lasts for hours is looked at less often. */
    String interval() {
        return at.endsWith("h") ? "30m" : "30s";
    }

    /** As promtool reads it. */
    Map<String, Object> yaml(Rule.Alert rule) {
        List<Object> input = new ArrayList<>();
        series.forEach((name, values) -> input.add(ordered("series", name, "values", values)));
        Map<String, Object> test = ordered("eval_time", at, "alertname", alert);
        if (fires()) {
            Map<String, String> expected = new LinkedHashMap<>(Objects.requireNonNull(labels));
            expected.put("severity", rule.severity().label());
            expected.put("area", rule.area().label());
            Map<String, Object> annotations = ordered(
                    "summary", rendered(rule.summary()),
                    "description", rendered(rule.description()),
                    "runbook_url", MonitoringFiles.RUNBOOKS + rule.page());
            test.put("exp_alerts", List.of(ordered("exp_labels", expected, "exp_annotations", annotations)));
        }
        return ordered(
                "interval",
                interval(),
                "name",
                alert + ": " + what,
                "input_series",
                input,
                "alert_rule_test",
                List.of(test));
    }

    private String rendered(String template) {
        String text = VALUE.matcher(template).replaceAll(Matcher.quoteReplacement(shown));
        for (Map.Entry<String, String> label : Objects.requireNonNull(labels).entrySet()) {
            text = text.replace("{{ $labels." + label.getKey() + " }}", label.getValue());
        }
        return text;
    }

    private static Map<String, Object> ordered(Object... keysAndValues) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            map.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return map;
    }
}
