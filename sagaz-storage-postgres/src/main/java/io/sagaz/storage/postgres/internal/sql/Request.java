package io.sagaz.storage.postgres.internal.sql;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.sagaz.storage.postgres.SizeLimits;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The one argument of a function that writes, put together as JSON. Documents of the caller are checked, and go in as they
 * are. For one thread.
 */
final class Request {
    private static final JsonFactory JSON = new JsonFactory();

    private final StringWriter text = new StringWriter(512);
    private final JsonGenerator json;
    private final SizeLimits limits;
    private int elements;

    Request(SizeLimits limits) {
        this.limits = limits;
        try {
            json = JSON.createGenerator(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What writes the members of an object or the elements of an array. */
    @FunctionalInterface
    interface Content {
        void write() throws IOException;
    }

    Request object(Content members) {
        return write(() -> {
            json.writeStartObject();
            members.write();
            json.writeEndObject();
        });
    }

    /** An array, unless it would be empty. */
    Request array(String name, int size, Content elements) {
        if (size > 0) {
            write(() -> {
                json.writeArrayFieldStart(name);
                elements.write();
                json.writeEndArray();
            });
        }
        return this;
    }

    Request array(Content elements) {
        return write(() -> {
            json.writeStartArray();
            elements.write();
            json.writeEndArray();
        });
    }

    Request element(String value) {
        return write(() -> json.writeString(value));
    }

    Request member(String name, @Nullable Object value) {
        if (value instanceof Number number) {
            return write(() -> json.writeNumberField(name, number.longValue()));
        }
        return value == null ? this : write(() -> json.writeStringField(name, value.toString()));
    }

    Request member(String name, Optional<?> value) {
        return member(name, value.orElse(null));
    }

    Request seconds(String name, Duration duration) {
        return write(() -> json.writeNumberField(name, duration.toMillis() / 1_000.0));
    }

    Request flag(String name) {
        return write(() -> json.writeBooleanField(name, true));
    }

    /** A text without a bound of its own. */
    Request bounded(String name, String what, Optional<String> value) {
        value.ifPresent(given -> checkSize(what, given));
        return member(name, value);
    }

    /** A document of the caller. */
    Request document(String name, String what, String document) {
        checkSize(what, document);
        JsonText.check(what, document);
        return write(() -> {
            json.writeFieldName(name);
            json.writeRawValue(document);
        });
    }

    Request bytes(String name, String what, byte[] bytes) {
        checkSize(what, bytes.length);
        return write(() -> json.writeBinaryField(name, bytes));
    }

    Request object(String name, Content members) {
        return write(() -> {
            json.writeObjectFieldStart(name);
            members.write();
            json.writeEndObject();
        });
    }

    /** Counts what is about to be written. */
    void count(int more) {
        elements += more;
        if (elements > limits.elements()) {
            throw new IllegalArgumentException("One call must have at most " + limits.elements()
                    + " sagas, steps, events and audit entries (SizeLimits.elements) but has at least " + elements
                    + ": make several calls of it");
        }
    }

    /** The text, for the statement. */
    String text() {
        String whole = write(json::flush).text.toString();
        long bytes = utf8Length(whole);
        if (bytes > limits.callBytes()) {
            throw new IllegalArgumentException("One call must have at most " + limits.callBytes()
                    + " bytes (SizeLimits.callBytes) but has " + bytes + ": make several calls of it");
        }
        return whole;
    }

    private Request write(Content content) {
        try {
            content.write();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void checkSize(String what, String value) {
        // No text has more than three bytes for a char; most are far from the limit.
        if (value.length() > limits.documentBytes() / 3) {
            checkSize(what, utf8Length(value));
        }
    }

    private void checkSize(String what, long bytes) {
        if (bytes > limits.documentBytes()) {
            throw new IllegalArgumentException(what + " must have at most " + limits.documentBytes()
                    + " bytes (SizeLimits.documentBytes) but has " + bytes
                    + ": keep it elsewhere and write where it is, or raise the limit");
        }
    }

    private static long utf8Length(String value) {
        long bytes = 0;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            bytes += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
        }
        return bytes;
    }
}
