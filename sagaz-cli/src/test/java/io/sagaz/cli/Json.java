package io.sagaz.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads a document into maps, lists, numbers, strings and booleans, and refuses anything behind it. */
public final class Json {
    private Json() {}

    /** The document. */
    @SuppressWarnings("unchecked")
    public static Map<String, Object> object(String text) throws IOException {
        try (JsonParser parser = new JsonFactory().createParser(text)) {
            parser.nextToken();
            Object value = value(parser);
            if (parser.nextToken() != null) {
                throw new IOException("More than one document: " + text);
            }
            return (Map<String, Object>) value;
        }
    }

    /** The number at a path of names. */
    public static double number(Map<String, Object> object, String... path) {
        return ((Number) at(object, path)).doubleValue();
    }

    /** The text at a path of names. */
    public static String text(Map<String, Object> object, String... path) {
        return (String) at(object, path);
    }

    /** The objects in the array at a path of names. */
    @SuppressWarnings("unchecked")
    public static List<Map<String, Object>> list(Map<String, Object> object, String... path) {
        return (List<Map<String, Object>>) at(object, path);
    }

    /** The value at a path of names. */
    public static Object at(Map<String, Object> object, String... path) {
        Object value = object;
        for (String name : path) {
            value = ((Map<?, ?>) value).get(name);
            if (value == null) {
                throw new AssertionError("No " + String.join(".", path) + " in " + object);
            }
        }
        return value;
    }

    private static Object value(JsonParser parser) throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> {
                Map<String, Object> object = new LinkedHashMap<>();
                while (parser.nextToken() == JsonToken.FIELD_NAME) {
                    String name = parser.currentName();
                    parser.nextToken();
                    object.put(name, value(parser));
                }
                yield object;
            }
            case START_ARRAY -> {
                List<Object> array = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    array.add(value(parser));
                }
                yield array;
            }
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
            case VALUE_TRUE, VALUE_FALSE -> parser.getBooleanValue();
            case VALUE_NULL -> "null";
            default -> parser.getText();
        };
    }
}
