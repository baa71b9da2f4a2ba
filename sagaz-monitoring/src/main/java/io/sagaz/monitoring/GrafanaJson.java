package io.sagaz.monitoring;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import io.sagaz.monitoring.Dashboard.Row;
import io.sagaz.monitoring.Panel.Kind;
import io.sagaz.monitoring.Panel.Query;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** Writes a dashboard as Grafana reads it, 10 and later. Data sources are a variable: no uid of anybody's is in it. */
final class GrafanaJson {
    private static final int COLUMNS = 24;
    private static final int SCHEMA = 39;

    private final JsonGenerator json;
    private int nextId = 1;
    private int y;

    private GrafanaJson(JsonGenerator json) {
        this.json = json;
    }

    static String of(Dashboard dashboard) {
        StringWriter text = new StringWriter();
        DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
        DefaultIndenter lines = new DefaultIndenter("  ", "\n");
        printer.indentObjectsWith(lines);
        printer.indentArraysWith(lines);
        try (JsonGenerator json = new JsonFactory().createGenerator(text).setPrettyPrinter(printer)) {
            new GrafanaJson(json).dashboard(dashboard);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text + "\n";
    }

    private void dashboard(Dashboard dashboard) throws IOException {
        json.writeStartObject();
        json.writeNullField("id");
        json.writeStringField("uid", dashboard.uid());
        json.writeStringField("title", dashboard.title());
        json.writeStringField("description", dashboard.description());
        json.writeArrayFieldStart("tags");
        json.writeString("sagaz");
        json.writeEndArray();
        json.writeNumberField("schemaVersion", SCHEMA);
        json.writeNumberField("version", 1);
        json.writeBooleanField("editable", true);
        json.writeStringField("timezone", "browser");
        json.writeStringField("refresh", "30s");
        json.writeObjectFieldStart("time");
        json.writeStringField("from", "now-6h");
        json.writeStringField("to", "now");
        json.writeEndObject();
        variables();
        links();
        json.writeArrayFieldStart("panels");
        for (Row row : dashboard.rows()) {
            row(row);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private void variables() throws IOException {
        json.writeObjectFieldStart("templating");
        json.writeArrayFieldStart("list");
        json.writeStartObject();
        json.writeStringField("type", "datasource");
        json.writeStringField("name", "datasource");
        json.writeStringField("label", "Prometheus");
        json.writeStringField("query", "prometheus");
        json.writeEndObject();
        json.writeStartObject();
        json.writeStringField("type", "query");
        json.writeStringField("name", "cluster");
        json.writeStringField("label", "Cluster");
        dataSource();
        json.writeStringField("definition", "label_values(up{job=\"sagaz-postgres\"}, cluster)");
        json.writeObjectFieldStart("query");
        json.writeStringField("query", "label_values(up{job=\"sagaz-postgres\"}, cluster)");
        json.writeStringField("refId", "cluster");
        json.writeEndObject();
        // 1: whenever the dashboard is opened.
        json.writeNumberField("refresh", 1);
        json.writeNumberField("sort", 1);
        json.writeEndObject();
        json.writeEndArray();
        json.writeEndObject();
    }

    private void links() throws IOException {
        json.writeArrayFieldStart("links");
        json.writeStartObject();
        json.writeStringField("type", "dashboards");
        json.writeStringField("title", "Sagaz");
        json.writeArrayFieldStart("tags");
        json.writeString("sagaz");
        json.writeEndArray();
        json.writeBooleanField("asDropdown", true);
        json.writeBooleanField("keepTime", true);
        json.writeBooleanField("includeVars", true);
        json.writeEndObject();
        json.writeEndArray();
    }

    private void row(Row row) throws IOException {
        json.writeStartObject();
        json.writeNumberField("id", nextId++);
        json.writeStringField("type", "row");
        json.writeStringField("title", row.title());
        json.writeBooleanField("collapsed", false);
        position(0, y, COLUMNS, 1);
        json.writeArrayFieldStart("panels");
        json.writeEndArray();
        json.writeEndObject();
        y++;
        int x = 0;
        int height = 0;
        for (Panel panel : row.panels()) {
            if (x + panel.width() > COLUMNS) {
                x = 0;
                y += height;
                height = 0;
            }
            panel(panel, x);
            x += panel.width();
            height = Math.max(height, panel.kind().height());
        }
        y += height;
    }

    private void panel(Panel panel, int x) throws IOException {
        json.writeStartObject();
        json.writeNumberField("id", nextId++);
        json.writeStringField("type", panel.kind().grafana());
        json.writeStringField("title", panel.title());
        json.writeStringField("description", panel.description());
        dataSource();
        position(x, y, panel.width(), panel.kind().height());
        fields(panel);
        options(panel);
        json.writeArrayFieldStart("targets");
        char refId = 'A';
        for (Query query : panel.queries()) {
            json.writeStartObject();
            json.writeStringField("refId", String.valueOf(refId++));
            dataSource();
            json.writeStringField("expr", query.expression());
            json.writeStringField("legendFormat", query.legend());
            json.writeBooleanField(panel.kind() == Kind.NOW ? "instant" : "range", true);
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private void fields(Panel panel) throws IOException {
        json.writeObjectFieldStart("fieldConfig");
        json.writeObjectFieldStart("defaults");
        json.writeStringField("unit", panel.unit().grafana());
        if (panel.kind() == Kind.LINES) {
            json.writeNumberField("min", 0);
        }
        json.writeObjectFieldStart("thresholds");
        json.writeStringField("mode", "absolute");
        json.writeArrayFieldStart("steps");
        steps(panel);
        json.writeEndArray();
        json.writeEndObject();
        if (panel.kind() == Kind.LINES && panel.warning().isPresent()) {
            json.writeObjectFieldStart("custom");
            json.writeObjectFieldStart("thresholdsStyle");
            json.writeStringField("mode", "dashed");
            json.writeEndObject();
            json.writeEndObject();
        }
        json.writeEndObject();
        json.writeArrayFieldStart("overrides");
        json.writeEndArray();
        json.writeEndObject();
    }

    private void steps(Panel panel) throws IOException {
        if (panel.warning().isEmpty() || panel.critical().isEmpty()) {
            step(null, "green");
            return;
        }
        double warning = panel.warning().getAsDouble();
        double critical = panel.critical().getAsDouble();
        boolean worseAbove = critical >= warning;
        step(null, worseAbove ? "green" : "red");
        if (warning != critical) {
            step(Math.min(warning, critical), "yellow");
        }
        step(Math.max(warning, critical), worseAbove ? "red" : "green");
    }

    private void step(@Nullable Double from, String colour) throws IOException {
        json.writeStartObject();
        json.writeStringField("color", colour);
        if (from == null) {
            json.writeNullField("value");
        } else {
            json.writeNumberField("value", from);
        }
        json.writeEndObject();
    }

    private void options(Panel panel) throws IOException {
        json.writeObjectFieldStart("options");
        if (panel.kind() == Kind.NOW) {
            json.writeStringField("colorMode", "value");
            json.writeStringField("graphMode", "none");
            json.writeObjectFieldStart("reduceOptions");
            json.writeArrayFieldStart("calcs");
            json.writeString("lastNotNull");
            json.writeEndArray();
            json.writeEndObject();
        } else {
            json.writeObjectFieldStart("legend");
            json.writeStringField("displayMode", "list");
            json.writeStringField("placement", "bottom");
            json.writeEndObject();
            json.writeObjectFieldStart("tooltip");
            json.writeStringField("mode", "multi");
            json.writeStringField("sort", "desc");
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    private void dataSource() throws IOException {
        json.writeObjectFieldStart("datasource");
        json.writeStringField("type", "prometheus");
        json.writeStringField("uid", "${datasource}");
        json.writeEndObject();
    }

    private void position(int x, int top, int width, int height) throws IOException {
        json.writeObjectFieldStart("gridPos");
        json.writeNumberField("x", x);
        json.writeNumberField("y", top);
        json.writeNumberField("w", width);
        json.writeNumberField("h", height);
        json.writeEndObject();
    }
}
