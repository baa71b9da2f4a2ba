package io.sagaz.storage.postgres.internal.sql;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * Checks that a text is JSON which {@code jsonb} takes, before anything is sent: an error from the server would abort
 * the caller's transaction and could not name the argument. The parser bounds what it reads: 1,000 levels, 20 million
 * characters in a text, 1,000 in a number, 50,000 in a key.
 *
 * @see <a href="https://www.postgresql.org/docs/current/datatype-json.html">PostgreSQL: JSON types</a>
 */
final class JsonText {
    private static final JsonFactory JSON = new JsonFactory();
    /** The limits of {@code numeric}, in which {@code jsonb} keeps numbers. */
    private static final int MAX_DIGITS_BEFORE_POINT = 131_072;

    private static final int MAX_DIGITS_AFTER_POINT = 16_383;

    private JsonText() {}

    static String check(String what, String json) {
        // Half of a pair written as it is, beside the other half as an escape, looks whole once it is read.
        checkCharacters(what, json);
        try (JsonParser parser = JSON.createParser(json)) {
            if (parser.nextToken() == null) {
                throw new IllegalArgumentException(what + " must be JSON but is empty");
            }
            int depth = 0;
            do {
                depth += checkToken(what, parser);
            } while (depth > 0 && parser.nextToken() != null);
            if (parser.nextToken() != null) {
                throw new IllegalArgumentException(what + " must be one JSON value but has another behind it");
            }
            return json;
        } catch (IOException e) {
            throw new IllegalArgumentException(what + " must be JSON: " + firstLine(e), e);
        }
    }

    private static int checkToken(String what, JsonParser parser) throws IOException {
        @Nullable JsonToken token = parser.currentToken();
        if (token == null) {
            return 0;
        }
        switch (token) {
            case FIELD_NAME -> checkCharacters(what, parser.currentName());
            case VALUE_STRING -> checkCharacters(what, parser.getText());
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> checkNumber(what, parser.getText());
            default -> {}
        }
        return token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
    }

    static void checkCharacters(String what, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean pair = Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1));
            if (pair) {
                i++;
            } else if (c == 0 || Character.isSurrogate(c)) {
                throw new IllegalArgumentException(what + " must not contain "
                        + (c == 0 ? "U+0000" : "half of a surrogate pair") + ", which jsonb cannot hold");
            }
        }
    }

    private static void checkNumber(String what, String number) {
        BigDecimal value;
        try {
            value = new BigDecimal(number);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(what + " has a number outside the range of numeric: " + number, e);
        }
        if ((long) value.precision() - value.scale() > MAX_DIGITS_BEFORE_POINT
                || value.scale() > MAX_DIGITS_AFTER_POINT) {
            throw new IllegalArgumentException(what + " has a number outside the range of numeric: " + number);
        }
    }

    private static String firstLine(IOException e) {
        String text = String.valueOf(e.getMessage());
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end);
    }
}
