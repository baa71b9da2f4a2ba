package io.sagaz.monitoring;

/** Panels that several dashboards have. */
final class Panels {
    private Panels() {}

    /** How many alerts of an area fire. */
    static Panel alerts(Rule.Area area) {
        return Panel.now(
                        "Alerts", Unit.NUMBER, "Alerts of this dashboard that fire now; docs/runbooks says what to do.")
                .query(
                        "count(ALERTS{alertstate='firing', area='%s', $here}) or vector(0)".formatted(area.label()),
                        "firing")
                .limits(1, 1);
    }

    /** How long something that is timed takes, on average and at most. */
    static Panel duration(String title, String timer, String by, String description) {
        return Panel.lines(title, Unit.SECONDS, description)
                .query("""
                    sum by (%1$s) (rate(%2$s_sum{$here}[$__rate_interval]))
                    / sum by (%1$s) (rate(%2$s_count{$here}[$__rate_interval]))
                    """.formatted(by, timer), "{{" + by + "}} mean")
                .query("max by (%s) (%s_max{$here})".formatted(by, timer), "{{" + by + "}} longest");
    }

    /** How often something happens that is counted. */
    static Panel rate(String title, String counter, String by, String description) {
        return Panel.lines(title, Unit.PER_SECOND, description).query(rateOf(counter, by), "{{" + by + "}}");
    }

    static String rateOf(String counter, String by) {
        return "sum by (%s) (rate(%s{$here}[$__rate_interval]))".formatted(by, counter);
    }
}
