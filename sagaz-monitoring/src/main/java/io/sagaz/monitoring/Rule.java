package io.sagaz.monitoring;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Something that Prometheus works out again and again. */
sealed interface Rule {
    /** In PromQL. */
    String expression();

    /** As a rule of Prometheus. */
    Map<String, Object> yaml(String runbooks);

    /** A series under another name. */
    record Recording(String name, String expression) implements Rule {
        @Override
        public Map<String, Object> yaml(String runbooks) {
            Map<String, Object> yaml = new LinkedHashMap<>();
            yaml.put("record", name);
            yaml.put("expr", expression);
            return yaml;
        }
    }

    /** How soon somebody must look. */
    enum Severity {
        /** Now, also at night. */
        CRITICAL,
        /** Today. */
        WARNING;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What an alert is about, and the dashboard that shows it. */
    enum Area {
        POSTGRES,
        PGBOUNCER,
        PARTITIONS,
        SAGAS,
        OUTBOX;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * An alert.
     *
     * @param lasting how long the expression must hold
     * @param summary one line; may name labels
     * @param description what that means, with the value
     */
    record Alert(
            String name,
            Area area,
            Severity severity,
            Duration lasting,
            String expression,
            String summary,
            String description)
            implements Rule {
        static Alert critical(String name, Area area, Duration lasting, String expression) {
            return new Alert(name, area, Severity.CRITICAL, lasting, expression.strip(), "", "");
        }

        static Alert warning(String name, Area area, Duration lasting, String expression) {
            return new Alert(name, area, Severity.WARNING, lasting, expression.strip(), "", "");
        }

        Alert says(String oneLine, String more) {
            return new Alert(name, area, severity, lasting, expression, oneLine, more);
        }

        /** The file of its runbook page. */
        String page() {
            return name + ".md";
        }

        @Override
        public Map<String, Object> yaml(String runbooks) {
            Map<String, String> labels = new LinkedHashMap<>();
            labels.put("severity", severity.label());
            labels.put("area", area.label());
            Map<String, String> annotations = new LinkedHashMap<>();
            annotations.put("summary", summary);
            annotations.put("description", description);
            annotations.put("runbook_url", runbooks + page());
            Map<String, Object> yaml = new LinkedHashMap<>();
            yaml.put("alert", name);
            yaml.put("expr", expression);
            yaml.put("for", lasting.toSeconds() % 60 == 0 ? lasting.toMinutes() + "m" : lasting.toSeconds() + "s");
            yaml.put("labels", labels);
            yaml.put("annotations", annotations);
            return yaml;
        }
    }
}
