package io.sagaz.storage.memory;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads JSON text and writes it as {@code jsonb} does: keys in its order, the last of equal keys, numbers written out, one space
 * behind commas and colons. Refuses what {@code jsonb} cannot hold. For one text.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc8259">RFC 8259</a>
 */
final class JsonDocument {
    private static final int DEEPEST = 1_000;
    /** The limits of {@code numeric}, in which {@code jsonb} keeps numbers. */
    private static final int MOST_DIGITS_BEFORE_POINT = 131_072;

    private static final int MOST_DIGITS_AFTER_POINT = 16_383;
    private static final int LONGEST_NUMBER = 1_000;

    private static final Comparator<String> KEYS = Comparator.comparing(
            key -> key.getBytes(StandardCharsets.UTF_8),
            Comparator.<byte[]>comparingInt(bytes -> bytes.length)
                    .thenComparing((a, b) -> Arrays.compareUnsigned(a, b)));

    private final String what;
    private final String text;
    private int at;
    private int depth;

    private JsonDocument(String what, String text) {
        this.what = what;
        this.text = text;
    }

    /**
     * The text as {@code jsonb} shows it.
     *
     * @param what the argument, for the message
     * @throws IllegalArgumentException if it is not valid JSON, or holds what {@code jsonb} cannot
     */
    static String normalized(String what, String text) {
        checkCharacters(what, text);
        JsonDocument document = new JsonDocument(what, text);
        document.skipSpace();
        String value = document.value();
        document.skipSpace();
        if (document.at < text.length()) {
            throw document.wrong("one value");
        }
        return value;
    }

    private String value() {
        if (at >= text.length()) {
            throw wrong("a value");
        }
        return switch (text.charAt(at)) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> quoted(string());
            case 't' -> literal("true");
            case 'f' -> literal("false");
            case 'n' -> literal("null");
            case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> number();
            default -> throw wrong("a value");
        };
    }

    private String object() {
        enter();
        Map<String, String> members = new TreeMap<>(KEYS);
        if (!closes('}')) {
            do {
                skipSpace();
                if (at >= text.length() || text.charAt(at) != '"') {
                    throw wrong("the name of a member");
                }
                String key = string();
                skipSpace();
                expect(':');
                skipSpace();
                members.put(key, value());
                skipSpace();
            } while (continues('}'));
        }
        depth--;
        StringBuilder written = new StringBuilder("{");
        members.forEach((key, value) -> written.append(written.length() > 1 ? ", " : "")
                .append(quoted(key))
                .append(": ")
                .append(value));
        return written.append('}').toString();
    }

    private String array() {
        enter();
        StringBuilder written = new StringBuilder("[");
        if (!closes(']')) {
            do {
                skipSpace();
                written.append(written.length() > 1 ? ", " : "").append(value());
                skipSpace();
            } while (continues(']'));
        }
        depth--;
        return written.append(']').toString();
    }

    private void enter() {
        at++;
        if (++depth > DEEPEST) {
            throw new IllegalArgumentException(what + " must be JSON of at most " + DEEPEST + " levels");
        }
    }

    private boolean closes(char end) {
        skipSpace();
        if (at < text.length() && text.charAt(at) == end) {
            at++;
            return true;
        }
        return false;
    }

    private boolean continues(char end) {
        if (closes(end)) {
            return false;
        }
        expect(',');
        return true;
    }

    private String literal(String word) {
        if (!text.startsWith(word, at)) {
            throw wrong("a value");
        }
        at += word.length();
        return word;
    }

    private String number() {
        int begin = at;
        if (text.charAt(at) == '-') {
            at++;
        }
        if (at < text.length() && text.charAt(at) == '0') {
            at++;
        } else {
            digits();
        }
        if (at < text.length() && text.charAt(at) == '.') {
            at++;
            digits();
        }
        if (at < text.length() && (text.charAt(at) == 'e' || text.charAt(at) == 'E')) {
            at++;
            if (at < text.length() && (text.charAt(at) == '+' || text.charAt(at) == '-')) {
                at++;
            }
            digits();
        }
        return plain(text.substring(begin, at));
    }

    private void digits() {
        int begin = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        if (at == begin) {
            throw wrong("a digit");
        }
    }

    private String plain(String number) {
        if (number.length() > LONGEST_NUMBER) {
            throw new IllegalArgumentException(what + " must not have numbers of more than " + LONGEST_NUMBER
                    + " characters but has one of " + number.length());
        }
        BigDecimal value;
        try {
            value = new BigDecimal(number);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(what + " has a number outside the range of numeric: " + number, e);
        }
        if ((long) value.precision() - value.scale() > MOST_DIGITS_BEFORE_POINT
                || value.scale() > MOST_DIGITS_AFTER_POINT) {
            throw new IllegalArgumentException(what + " has a number outside the range of numeric: " + number);
        }
        return value.toPlainString();
    }

    private String string() {
        at++;
        StringBuilder read = new StringBuilder();
        while (true) {
            if (at >= text.length()) {
                throw wrong("a quotation mark");
            }
            char c = text.charAt(at++);
            if (c == '"') {
                String whole = read.toString();
                checkCharacters(what, whole);
                return whole;
            }
            if (c < ' ') {
                at--;
                throw wrong("no control character");
            }
            read.append(c == '\\' ? escaped() : c);
        }
    }

    private char escaped() {
        if (at >= text.length()) {
            throw wrong("an escape");
        }
        char c = text.charAt(at++);
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> hexadecimal();
            default -> {
                at--;
                throw wrong("an escape");
            }
        };
    }

    private char hexadecimal() {
        int code = 0;
        for (int i = 0; i < 4; i++) {
            int digit = at < text.length() ? "0123456789abcdef".indexOf(lower(text.charAt(at))) : -1;
            if (digit < 0) {
                throw wrong("four hexadecimal digits");
            }
            code = code << 4 | digit;
            at++;
        }
        return (char) code;
    }

    private static char lower(char c) {
        return c >= 'A' && c <= 'F' ? (char) (c + ('a' - 'A')) : c;
    }

    static String quoted(String value) {
        StringBuilder written = new StringBuilder("\"");
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"' -> written.append("\\\"");
                case '\\' -> written.append("\\\\");
                case '\b' -> written.append("\\b");
                case '\f' -> written.append("\\f");
                case '\n' -> written.append("\\n");
                case '\r' -> written.append("\\r");
                case '\t' -> written.append("\\t");
                default -> written.append(c < ' ' ? "\\u%04x".formatted((int) c) : String.valueOf(c));
            }
        }
        return written.append('"').toString();
    }

    private void skipSpace() {
        while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private void expect(char wanted) {
        if (at >= text.length() || text.charAt(at) != wanted) {
            throw wrong("\"" + wanted + "\"");
        }
        at++;
    }

    private IllegalArgumentException wrong(String wanted) {
        return new IllegalArgumentException(
                text.isBlank()
                        ? what + " must be JSON but is empty"
                        : what + " must be JSON: " + wanted + " is expected at index " + at);
    }

    private static void checkCharacters(String what, String text) {
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
}
