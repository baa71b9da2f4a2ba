package io.sagaz.storage.postgres.internal.sql;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a function that writes has answered: an object of texts and numbers, perhaps with a list of further ones. */
final class Answer {
    private static final JsonFactory JSON = new JsonFactory();

    private final Map<String, String> members = new HashMap<>();
    private final List<Answer> list = new ArrayList<>();

    private Answer() {}

    static Answer parse(String text) {
        try (JsonParser parser = JSON.createParser(text)) {
            parser.nextToken();
            return object(parser);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Answer object(JsonParser parser) throws IOException {
        Answer answer = new Answer();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (value == JsonToken.START_ARRAY) {
                while (parser.nextToken() == JsonToken.START_OBJECT) {
                    answer.list.add(object(parser));
                }
            } else if (value != JsonToken.VALUE_NULL) {
                answer.members.put(name, parser.getText());
            }
        }
        return answer;
    }

    String outcome() {
        return text("outcome");
    }

    String text(String name) {
        @Nullable String value = members.get(name);
        if (value == null) {
            throw new IllegalStateException("The answer of the database lacks " + name + ", it has " + members);
        }
        return value;
    }

    Optional<String> optional(String name) {
        return Optional.ofNullable(members.get(name));
    }

    long number(String name) {
        return Long.parseLong(text(name));
    }

    <E extends Enum<E>> E constant(Class<E> type, String name) {
        return Enum.valueOf(type, text(name));
    }

    List<Answer> list() {
        return list;
    }
}
