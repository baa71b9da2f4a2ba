package io.sagaz.bench.measure;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * What {@code EXPLAIN (SUMMARY, FORMAT JSON)} says, as far as it is measured.
 *
 * @param planningMillis how long planning took
 * @param buffers pages that the whole statement has touched, whether PostgreSQL had them in its own memory or not; 0 unless
 *     it was run with {@code ANALYZE, BUFFERS}
 */
public record Explained(double planningMillis, long buffers) {
    private static final JsonFactory FACTORY = new JsonFactory();

    /**
     * Reads the document.
     *
     * @throws IllegalArgumentException if it is none of {@code EXPLAIN}
     */
    public static Explained parse(String document) {
        double planningMillis = Double.NaN;
        long buffers = 0;
        try (JsonParser json = FACTORY.createParser(document)) {
            if (json.nextToken() != JsonToken.START_ARRAY || json.nextToken() != JsonToken.START_OBJECT) {
                throw new IllegalArgumentException("No document of EXPLAIN: " + document);
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                json.nextToken();
                switch (name) {
                    case "Plan" -> buffers = buffersOfTopNode(json);
                    case "Planning Time" -> planningMillis = json.getDoubleValue();
                    default -> json.skipChildren();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("No document of EXPLAIN: " + document, e);
        }
        if (Double.isNaN(planningMillis)) {
            throw new IllegalArgumentException("Without a planning time: " + document);
        }
        return new Explained(planningMillis, buffers);
    }

    /** The top node counts what the nodes below it have touched. */
    private static long buffersOfTopNode(JsonParser json) throws IOException {
        long buffers = 0;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            json.nextToken();
            if (name.equals("Shared Hit Blocks") || name.equals("Shared Read Blocks")) {
                buffers += json.getLongValue();
            } else {
                json.skipChildren();
            }
        }
        return buffers;
    }
}
