package io.sagaz.cli.demo;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sagaz.storage.RouteReason;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The report as a JSON document. Times are in milliseconds. */
final class DemoJson {
    private DemoJson() {}

    static void write(DemoReport report, JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeBooleanField("ok", report.isClean());
        json.writeNumberField("seconds", report.options().seconds());
        json.writeNumberField("replicas", report.options().replicas());
        json.writeNumberField("seed", report.options().seed());
        json.writeNumberField("sagas", report.totals().placed());
        json.writeNumberField("compensated", report.totals().compensated());
        json.writeNumberField("events", report.totals().transactions());
        number(json, "sagasPerSecond", report.sagasPerSecond());
        number(json, "eventsPerSecond", report.eventsPerSecond());
        json.writeNumberField("lost", report.verdict().lost());
        json.writeNumberField("duplicated", report.verdict().duplicated());
        json.writeNumberField("halfDone", report.verdict().halfDone());
        json.writeNumberField("replicaDifferences", report.replicaDifferences().size());
        troubles(json, report.troubles());
        percentiles(json, "writeMillis", report.writes());
        percentiles(json, "readMillis", report.reads().latency());
        reads(json, report.reads());
        optionalMillis(json, "movedToPrimaryMillis", report.moves().toPrimary());
        optionalMillis(json, "returnedToReplicaMillis", report.moves().toReplica());
        json.writeNumberField("topologyStartMillis", report.topologyStart().toMillis());
        json.writeObjectFieldStart("sources");
        json.writeStringField("postgres", report.sources().postgresVersion());
        json.writeStringField("postgresOrigin", report.sources().postgresOrigin());
        json.writeStringField("pgbouncer", report.sources().pgbouncerVersion());
        json.writeEndObject();
        json.writeArrayFieldStart("examples");
        for (List<String> examples :
                List.of(report.verdict().examples(), report.replicaDifferences(), report.examples())) {
            for (String example : examples) {
                json.writeString(example);
            }
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void troubles(JsonGenerator json, Troubles troubles) throws IOException {
        json.writeNumberField("staleViolations", troubles.staleViolations());
        json.writeNumberField("tornReads", troubles.tornReads());
        json.writeNumberField("errors", troubles.errors());
        json.writeObjectFieldStart("handled");
        json.writeNumberField("writesRetried", troubles.writesRetried());
        json.writeNumberField("outcomesUnknown", troubles.outcomesUnknown());
        json.writeNumberField("readsRetried", troubles.readsRetried());
        json.writeNumberField("readsRefused", troubles.readsRefused());
        json.writeEndObject();
    }

    private static void reads(JsonGenerator json, DemoReport.Reads reads) throws IOException {
        json.writeObjectFieldStart("reads");
        json.writeNumberField("replica", reads.replica());
        json.writeNumberField("primary", reads.primary());
        json.writeEndObject();
        json.writeObjectFieldStart("fallbackReasons");
        for (Map.Entry<RouteReason, Long> entry : new TreeMap<>(reads.fallbacks()).entrySet()) {
            json.writeNumberField(entry.getKey().name(), entry.getValue());
        }
        json.writeEndObject();
        millis(json, "maxStalenessMillis", reads.largestReplicaBound());
    }

    private static void percentiles(JsonGenerator json, String name, Latencies.Percentiles percentiles)
            throws IOException {
        json.writeObjectFieldStart(name);
        number(json, "p50", percentiles.p50Millis());
        number(json, "p99", percentiles.p99Millis());
        json.writeEndObject();
    }

    private static void optionalMillis(JsonGenerator json, String name, Optional<Duration> duration)
            throws IOException {
        if (duration.isPresent()) {
            millis(json, name, duration.get());
        } else {
            json.writeNullField(name);
        }
    }

    private static void millis(JsonGenerator json, String name, Duration duration) throws IOException {
        number(json, name, duration.toNanos() / 1e6);
    }

    private static void number(JsonGenerator json, String name, double number) throws IOException {
        json.writeNumberField(name, BigDecimal.valueOf(number).setScale(2, RoundingMode.HALF_UP));
    }
}
