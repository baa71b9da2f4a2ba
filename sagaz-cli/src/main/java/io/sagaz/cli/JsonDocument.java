package io.sagaz.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;

/** Makes the one line of JSON that a command prints. */
public final class JsonDocument {
    private static final JsonFactory FACTORY = new JsonFactory();

    private JsonDocument() {}

    /** Writes a document. */
    @FunctionalInterface
    public interface Content {
        /** Writes one value. */
        void write(JsonGenerator json) throws IOException;
    }

    /** The document as text without line ends. */
    public static String of(Content content) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = FACTORY.createGenerator(text)) {
            content.write(json);
        } catch (IOException e) {
            throw new UncheckedIOException("A document for memory failed", e);
        }
        return text.toString();
    }

    /** The document that says why there is no other. */
    public static String error(String message) {
        return of(json -> {
            json.writeStartObject();
            json.writeStringField("error", message);
            json.writeEndObject();
        });
    }
}
