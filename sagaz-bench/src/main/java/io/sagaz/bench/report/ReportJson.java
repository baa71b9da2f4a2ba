package io.sagaz.bench.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.PrettyPrinter;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Optional;

/** The report as a JSON document: an object with machine, versions and results. */
public final class ReportJson {
    private static final JsonFactory FACTORY = new JsonFactory();
    private static final int DIGITS = 4;

    private ReportJson() {}

    /** One line without its end. */
    public static String line(Report report) {
        return document(new MinimalPrettyPrinter(), json -> write(report, json));
    }

    /** Several lines, for a file. */
    public static String pretty(Report report) {
        DefaultIndenter lines = new DefaultIndenter("  ", "\n");
        DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
        printer.indentObjectsWith(lines);
        printer.indentArraysWith(lines);
        return document(printer, json -> write(report, json)) + "\n";
    }

    /** The document that says why there is no other. */
    public static String error(String message) {
        return document(new MinimalPrettyPrinter(), json -> {
            json.writeStartObject();
            json.writeStringField("error", message);
            json.writeEndObject();
        });
    }

    private interface Content {
        void write(JsonGenerator json) throws IOException;
    }

    private static String document(PrettyPrinter printer, Content content) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = FACTORY.createGenerator(text)) {
            json.setPrettyPrinter(printer);
            content.write(json);
        } catch (IOException e) {
            throw new UncheckedIOException("A document for memory failed", e);
        }
        return text.toString();
    }

    private static void write(Report report, JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("benchmark", report.name());
        json.writeStringField("day", report.run().day().toString());
        json.writeBooleanField("quick", report.run().quick());
        json.writeNumberField("seconds", report.run().took().toSeconds());
        json.writeObjectFieldStart("machine");
        json.writeNumberField("cores", report.machine().cores());
        json.writeStringField("memory", report.machine().memory());
        json.writeStringField("os", report.machine().os());
        json.writeStringField("jvm", report.machine().jvm());
        json.writeEndObject();
        json.writeObjectFieldStart("versions");
        json.writeStringField("postgres", report.versions().postgres());
        json.writeStringField("pgbouncer", report.versions().pgbouncer());
        json.writeStringField("pgjdbc", report.versions().pgjdbc());
        json.writeStringField("sagaz", report.versions().sagaz());
        json.writeEndObject();
        json.writeArrayFieldStart("results");
        for (Section section : report.sections()) {
            for (Result result : section.results()) {
                results(section, result, json);
            }
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    /** An object for each ratio, since each has one; at least one. */
    private static void results(Section section, Result result, JsonGenerator json) throws IOException {
        String name = section.title() + ": " + result.name();
        Optional<Ratio> first = result.ratios().stream().findFirst();
        result(section, name, result, first, result.target(), json);
        for (Ratio ratio : result.ratios().stream().skip(1).toList()) {
            result(section, name + ", against " + ratio.of(), result, Optional.of(ratio), Optional.empty(), json);
        }
    }

    private static void result(
            Section section,
            String name,
            Result result,
            Optional<Ratio> ratio,
            Optional<Target> target,
            JsonGenerator json)
            throws IOException {
        json.writeStartObject();
        json.writeStringField("name", name);
        number(json, "value", result.value());
        json.writeStringField("unit", result.unit().symbol());
        json.writeStringField("statistic", result.statistic().word());
        json.writeObjectFieldStart("spread");
        json.writeStringField("kind", "min and max of the rounds");
        number(json, "min", result.rounds().min());
        number(json, "max", result.rounds().max());
        json.writeEndObject();
        json.writeNumberField("rounds", result.rounds().count());
        if (ratio.isPresent()) {
            number(json, "ratio", ratio.get().value());
            json.writeStringField("of", section.title() + ": " + ratio.get().of());
        }
        if (target.isPresent()) {
            json.writeObjectFieldStart("target");
            json.writeStringField("text", target.get().text());
            json.writeBooleanField("met", target.get().met());
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    private static void number(JsonGenerator json, String name, double number) throws IOException {
        json.writeFieldName(name);
        json.writeNumber(Figures.rounded(number, DIGITS).toPlainString());
    }
}
